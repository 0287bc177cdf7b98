package io.elapid.model.tinyvim;

import io.elapid.data.InputException;
import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import io.elapid.model.Backbone;
import io.elapid.model.Heads;
import io.elapid.nn.BatchNormalization;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.HeadMean;
import io.elapid.nn.LinearHead;
import io.elapid.op.SpatialMean;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A TinyViM of any size: stem, four stages with down-sampling between them, batch norm and one or
 * two linear heads on the mean of the last map.
 *
 * <p>Takes pictures whose sides are multiples of 32.
 */
public final class TinyViM implements Backbone {
  private static final int STRIDE = 32;

  private final TinyViMConfig config;

  /** The network of these sizes. */
  public TinyViM(TinyViMConfig config) {
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
  public TinyViM withHeads(Heads heads) {
    return new TinyViM(config.withHeads(heads));
  }

  @Override
  public int sideMultiple() {
    return STRIDE;
  }

  @Override
  public List<FeatureMap> features(Scope scope, SDVariable images, Set<Integer> outIndices) {
    List<FeatureMap> stages = stages(scope, images, last(outIndices));
    return outIndices.stream().sorted().map(stages::get).toList();
  }

  @Override
  public Scores scores(Scope scope, SDVariable images, int classes) {
    FeatureMap map = stages(scope, images, config.stages() - 1).get(config.stages() - 1);
    SDVariable normalised =
        BatchNormalization.apply(scope.child("norm"), map.value(), map.channels());
    SDVariable mean = SpatialMean.apply(scope.graph(), normalised);
    List<SDVariable> heads = new ArrayList<>();
    heads.add(LinearHead.apply(scope.child("head"), mean, map.channels(), classes));
    if (config.heads().distilled()) {
      heads.add(LinearHead.apply(scope.child("dist_head"), mean, map.channels(), classes));
    }
    return HeadMean.of(scope, heads);
  }

  /** The maps at the end of all stages up to {@code last}. */
  private List<FeatureMap> stages(Scope scope, SDVariable images, int last) {
    long[] shape = images.getShape();
    requireMultiples(shape[2], shape[3]);
    FeatureMap input = new FeatureMap(images, shape[0], shape[1], shape[2], shape[3]);
    // the official sequence has stages at even and down-sampling at odd indices
    Scope network = scope.child("network");
    FeatureMap x = TinyViMBlocks.stem(scope.child("patch_embed"), input, config.widths().get(0));
    List<FeatureMap> stages = new ArrayList<>();
    for (int s = 0; s <= last; s++) {
      if (s > 0) {
        x = TinyViMBlocks.downsample(network.child(2 * s - 1), x, config.widths().get(s));
      }
      x = stage(network.child(2 * s), x, s);
      stages.add(x);
    }
    return stages;
  }

  private FeatureMap stage(Scope scope, FeatureMap input, int stage) {
    FeatureMap x = input;
    for (int j = 0; j < config.blocks().get(stage); j++) {
      x =
          config.mixes(stage, j)
              ? TinyViMBlocks.mixing(scope.child(j), x, stage)
              : TinyViMBlocks.local(scope.child(j), x);
    }
    scope.tap(x.value());
    return x;
  }

  private void requireMultiples(long height, long width) {
    if (height % STRIDE != 0 || width % STRIDE != 0) {
      throw new InputException(
          "%s cannot take pictures of %d x %d".formatted(name(), height, width),
          "choose sides that are multiples of %d".formatted(STRIDE));
    }
  }
}
