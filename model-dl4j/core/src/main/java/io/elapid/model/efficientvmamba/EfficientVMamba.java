package io.elapid.model.efficientvmamba;

import io.elapid.data.InputException;
import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import io.elapid.model.Backbone;
import io.elapid.model.Heads;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.LayerNorm;
import io.elapid.nn.LinearHead;
import io.elapid.op.SpatialMean;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * An EfficientVMamba of any size: patches, two stages of scanning blocks, two of inverted
 * residuals, down-sampling between them, one linear head. Takes pictures of any size.
 */
public final class EfficientVMamba implements Backbone {
  /** Stages that scan; their parts have names, those of later stages only numbers. */
  private static final int SCANNING_STAGES = 2;

  private final EfficientVMambaConfig config;

  /** The network of these sizes. */
  public EfficientVMamba(EfficientVMambaConfig config) {
    this.config = config;
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public int imageSize() {
    return config.imageSize();
  }

  @Override
  public int stages() {
    return config.stages();
  }

  @Override
  public Heads heads() {
    return Heads.CLASSIFICATION;
  }

  @Override
  public EfficientVMamba withHeads(Heads heads) {
    if (heads.distilled()) {
      throw new InputException(
          name() + " has no head for distillation", "leave out distillation, or train a TinyViM");
    }
    return this;
  }

  @Override
  public EfficientVMamba withDropPath(double rate) {
    return new EfficientVMamba(config.withDropPath(rate));
  }

  @Override
  public List<FeatureMap> features(Scope scope, SDVariable images, Set<Integer> outIndices) {
    List<FeatureMap> stages = stages(scope, images, last(outIndices));
    return outIndices.stream().sorted().map(stages::get).toList();
  }

  @Override
  public Scores scores(Scope scope, SDVariable images, int classes) {
    List<FeatureMap> stages = stages(scope, images, config.stages() - 1);
    FeatureMap map = stages.get(stages.size() - 1);
    Scope classifier = scope.child("classifier");
    FeatureMap normalised = LayerNorm.apply(classifier.child("norm"), map);
    SDVariable mean = SpatialMean.apply(scope.graph(), normalised.value());
    SDVariable logits = LinearHead.apply(classifier.child("head"), mean, map.channels(), classes);
    return Scores.of(classifier.tap(logits));
  }

  /** The map of every stage up to {@code last}, before down-sampling. */
  private List<FeatureMap> stages(Scope scope, SDVariable images, int last) {
    long[] shape = images.getShape();
    FeatureMap input = new FeatureMap(images, shape[0], shape[1], shape[2], shape[3]);
    FeatureMap x =
        EfficientVMambaBlocks.patchEmbedding(scope.child("patch_embed"), input, config.width(0));
    Scope layers = scope.child("layers");
    List<FeatureMap> stages = new ArrayList<>();
    for (int s = 0; s <= last; s++) {
      x = s < SCANNING_STAGES ? scanning(layers.child(s), x, s) : inverted(layers.child(s), x, s);
      layers.child(s).tap(".blocks", x.value());
      stages.add(x);
      if (s < last) {
        x = EfficientVMambaBlocks.downsample(downsampling(layers.child(s), s), x);
      }
      layers.child(s).tap(x.value());
    }
    return stages;
  }

  private FeatureMap scanning(Scope stage, FeatureMap input, int index) {
    FeatureMap x = input;
    Scope blocks = stage.child("blocks");
    for (int j = 0; j < config.blocks().get(index); j++) {
      double dropPath = config.dropPath(index, j);
      x = EfficientVMambaBlocks.scanningBlock(blocks.child(j), x, dropPath);
    }
    return x;
  }

  /** Before and after the blocks of these stages the official code counts a change of layout. */
  private FeatureMap inverted(Scope stage, FeatureMap input, int index) {
    FeatureMap x = input;
    stage.child(0).tap(x.value());
    int count = config.blocks().get(index);
    for (int j = 0; j < count; j++) {
      double dropPath = config.dropPath(index, j);
      x = EfficientVMambaBlocks.invertedResidual(stage.child(j + 1), x, dropPath);
    }
    stage.child(count + 1).tap(x.value());
    return x;
  }

  private Scope downsampling(Scope stage, int index) {
    return index < SCANNING_STAGES
        ? stage.child("downsample")
        : stage.child(config.blocks().get(index) + 2);
  }
}
