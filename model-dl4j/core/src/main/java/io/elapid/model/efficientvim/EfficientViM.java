package io.elapid.model.efficientvim;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.model.Backbone;
import io.elapid.model.efficientvim.EfficientViMBlocks.Mixed;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.LayerNorm;
import io.elapid.nn.LinearHead;
import io.elapid.op.SoftmaxMix;
import io.elapid.op.SpatialMean;
import java.util.ArrayList;
import java.util.List;
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
  public List<FeatureMap> features(Scope scope, SDVariable images) {
    return stages(scope, images).stream().map(Mixed::map).toList();
  }

  @Override
  public SDVariable logits(Scope scope, SDVariable images, int classes) {
    SDVariable mix = scope.parameter("weights", Initializer.one(), config.stages() + 1L);
    List<Mixed> stages = stages(scope, images);
    List<SDVariable> scores = new ArrayList<>();
    for (int s = 0; s < stages.size(); s++) {
      long width = config.widths().get(s);
      SDVariable hidden = stages.get(s).hidden();
      SDVariable normalised = LayerNorm.ofSequence(scope.child("norm").child(s), hidden, width);
      scores.add(head(scope, s, normalised, width, classes));
    }
    int last = stages.size();
    FeatureMap map = stages.get(last - 1).map();
    SDVariable normalised =
        LayerNorm.ofMap(scope.child("norm").child(last), map.value(), map.channels());
    scores.add(head(scope, last, normalised, map.channels(), classes));
    return SoftmaxMix.apply(scope.graph(), mix, scores);
  }

  private static SDVariable head(
      Scope scope, int index, SDVariable normalised, long width, int classes) {
    SDVariable mean = SpatialMean.apply(scope.graph(), normalised);
    return LinearHead.apply(scope.child("heads").child(index), mean, width, classes);
  }

  /** Per stage the map before down-sampling and the hidden states of the last block. */
  private List<Mixed> stages(Scope scope, SDVariable images) {
    long[] shape = images.getShape();
    FeatureMap input = new FeatureMap(images, shape[0], shape[1], shape[2], shape[3]);
    FeatureMap x =
        EfficientViMBlocks.stem(scope.child("patch_embed"), input, config.widths().get(0));
    List<Mixed> stages = new ArrayList<>();
    for (int s = 0; s < config.stages(); s++) {
      Scope stage = scope.child("stages").child(s);
      Mixed mixed = blocks(stage, x, s);
      stages.add(mixed);
      if (s + 1 < config.stages()) {
        x =
            EfficientViMBlocks.downsample(
                stage.child("downsample"), mixed.map(), config.widths().get(s + 1));
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
