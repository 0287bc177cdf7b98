package io.elapid.model.mobilemamba;

import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import io.elapid.model.Backbone;
import io.elapid.model.Heads;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.HeadMean;
import io.elapid.nn.NormedHead;
import io.elapid.op.SpatialMean;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A MobileMamba of any size: stem, three stages of blocks at strides 16, 32 and 64 with
 * down-sampling between them, and a linear head on the mean of the last map.
 *
 * <p>Takes pictures of any size.
 */
public final class MobileMamba implements Backbone {
  /** Entries of a stage's sequence that the down-sampling before its blocks takes. */
  private static final int DOWNSAMPLING = 3;

  private final MobileMambaConfig config;

  /** The network of these sizes. */
  public MobileMamba(MobileMambaConfig config) {
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
  public MobileMamba withHeads(Heads heads) {
    return new MobileMamba(config.withHeads(heads));
  }

  @Override
  public MobileMamba withDropPath(double rate) {
    return new MobileMamba(config.withDropPath(rate));
  }

  @Override
  public List<FeatureMap> features(Scope scope, SDVariable images, Set<Integer> outIndices) {
    List<FeatureMap> stages = stages(scope, images, last(outIndices));
    return outIndices.stream().sorted().map(stages::get).toList();
  }

  @Override
  public Scores scores(Scope scope, SDVariable images, int classes) {
    int last = config.stages() - 1;
    FeatureMap map = stages(scope, images, last).get(last);
    SDVariable mean = SpatialMean.apply(scope.graph(), map.value());
    List<SDVariable> heads = new ArrayList<>();
    heads.add(NormedHead.apply(scope.child("head"), mean, map.channels(), classes));
    if (config.heads().distilled()) {
      heads.add(NormedHead.apply(scope.child("head_dist"), mean, map.channels(), classes));
    }
    return HeadMean.of(scope, heads);
  }

  /** The maps at the end of the stages up to {@code last}. */
  private List<FeatureMap> stages(Scope scope, SDVariable images, int last) {
    long[] shape = images.getShape();
    FeatureMap input = new FeatureMap(images, shape[0], shape[1], shape[2], shape[3]);
    FeatureMap x =
        MobileMambaBlocks.stem(scope.child("patch_embed"), input, config.widths().get(0));
    List<FeatureMap> stages = new ArrayList<>();
    int built = 0;
    for (int s = 0; s <= last; s++) {
      Scope stage = scope.child("blocks" + (s + 1));
      int first = 0;
      if (s > 0) {
        x = MobileMambaBlocks.downsample(stage, x, config.widths().get(s));
        first = DOWNSAMPLING;
      }
      MobileMambaConfig.Mixer mixer = MobileMambaConfig.Mixer.of(x.channels(), s);
      for (int j = 0; j < config.blocks().get(s); j++) {
        x = MobileMambaBlocks.block(stage.child(first + j), x, mixer, config.dropPath(built));
        built++;
      }
      stage.tap(x.value());
      stages.add(x);
    }
    return stages;
  }
}
