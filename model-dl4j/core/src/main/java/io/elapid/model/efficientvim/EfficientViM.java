package io.elapid.model.efficientvim;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import io.elapid.model.Backbone;
import io.elapid.model.Heads;
import io.elapid.model.efficientvim.EfficientViMBlocks.Mixed;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.HeadMean;
import io.elapid.nn.LayerNorm;
import io.elapid.nn.LinearHead;
import io.elapid.op.SoftmaxMix;
import io.elapid.op.SpatialMean;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * An EfficientViM of any size: stem, stages of blocks with down-sampling between them, and a head
 * that fuses the scores from the last hidden states of every stage with those from the final map.
 *
 * <p>Takes pictures of any size; the official code only square ones.
 */
public final class EfficientViM implements Backbone {
  private final EfficientViMConfig config;

  /** The network of these sizes. */
  public EfficientViM(EfficientViMConfig config) {
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
    return config.heads();
  }

  @Override
  public EfficientViM withHeads(Heads heads) {
    return new EfficientViM(config.withHeads(heads));
  }

  @Override
  public List<FeatureMap> features(Scope scope, SDVariable images, Set<Integer> outIndices) {
    List<Mixed> stages = stages(scope, images, last(outIndices));
    return outIndices.stream().sorted().map(s -> stages.get(s).map()).toList();
  }

  @Override
  public Scores scores(Scope scope, SDVariable images, int classes) {
    List<Mixed> stages = stages(scope, images, config.stages() - 1);
    List<SDVariable> features = headFeatures(scope, stages);
    List<SDVariable> answers = new ArrayList<>();
    answers.add(fused(scope, "", features, classes));
    if (config.heads().distilled()) {
      answers.add(fused(scope, "_dist", features, classes));
    }
    return HeadMean.of(scope, answers);
  }

  /** Per stage the normalised mean hidden state, then that of the final map: (batch, width). */
  private List<SDVariable> headFeatures(Scope scope, List<Mixed> stages) {
    Scope norm = scope.child("norm");
    List<SDVariable> features = new ArrayList<>();
    for (int s = 0; s < stages.size(); s++) {
      SDVariable hidden = stages.get(s).hidden();
      SDVariable normalised = LayerNorm.ofSequence(norm.child(s), hidden, width(s));
      features.add(SpatialMean.apply(scope.graph(), normalised));
    }
    int last = stages.size();
    FeatureMap map = stages.get(last - 1).map();
    SDVariable normalised = LayerNorm.ofMap(norm.child(last), map.value(), map.channels());
    features.add(SpatialMean.apply(scope.graph(), normalised));
    return features;
  }

  /** A learnt mixture of linear heads, one per feature. */
  private SDVariable fused(Scope scope, String suffix, List<SDVariable> features, int classes) {
    SDVariable mix = scope.parameter("weights" + suffix, Initializer.one(), features.size());
    Scope heads = scope.child("heads" + suffix);
    List<SDVariable> scores = new ArrayList<>();
    for (int i = 0; i < features.size(); i++) {
      long width = width(Math.min(i, config.stages() - 1));
      scores.add(LinearHead.apply(heads.child(i), features.get(i), width, classes));
    }
    return SoftmaxMix.apply(scope.graph(), mix, scores);
  }

  private long width(int stage) {
    return config.widths().get(stage);
  }

  /** Per stage the map before down-sampling and the hidden states of the last block. */
  private List<Mixed> stages(Scope scope, SDVariable images, int last) {
    long[] shape = images.getShape();
    FeatureMap input = new FeatureMap(images, shape[0], shape[1], shape[2], shape[3]);
    FeatureMap x =
        EfficientViMBlocks.stem(scope.child("patch_embed"), input, config.widths().get(0));
    List<Mixed> stages = new ArrayList<>();
    for (int s = 0; s <= last; s++) {
      Scope stage = scope.child("stages").child(s);
      Mixed mixed = blocks(stage, x, s);
      stages.add(mixed);
      stage.tap(mixed.map().value());
      if (s < last) {
        x =
            EfficientViMBlocks.downsample(
                stage.child("downsample"), mixed.map(), config.widths().get(s + 1));
        stage.tap(x.value());
      }
    }
    return stages;
  }

  private Mixed blocks(Scope stage, FeatureMap input, int index) {
    int states = config.states().get(index);
    Scope blocks = stage.child("blocks");
    Mixed mixed = EfficientViMBlocks.block(blocks.child(0), input, states);
    for (int j = 1; j < config.blocks().get(index); j++) {
      mixed = EfficientViMBlocks.block(blocks.child(j), mixed.map(), states);
    }
    stage.tap("#1", mixed.map().value());
    stage.tap("#2", mixed.hidden());
    return mixed;
  }
}
