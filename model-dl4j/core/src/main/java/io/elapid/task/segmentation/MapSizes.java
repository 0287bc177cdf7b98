package io.elapid.task.segmentation;

import io.elapid.graph.Scope;
import io.elapid.kernel.Resampling;
import io.elapid.nn.FeatureMap;
import io.elapid.op.ChannelConcat;
import io.elapid.op.Resample;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** Maps of one size: what heads do before they add or join maps of several levels. */
final class MapSizes {
  private MapSizes() {}

  /** Interpolated to that size, if it has another. */
  static FeatureMap resized(Scope scope, FeatureMap x, long height, long width) {
    return sized(scope, x, Resampling.LINEAR, height, width);
  }

  /** The means of {@code bins} x {@code bins} parts, which may overlap. */
  static FeatureMap pooled(Scope scope, FeatureMap x, int bins) {
    return sized(scope, x, Resampling.MEAN, bins, bins);
  }

  private static FeatureMap sized(
      Scope scope, FeatureMap x, Resampling rule, long height, long width) {
    if (x.height() == height && x.width() == width) {
      return x;
    }
    SDVariable y = Resample.apply(scope.graph(), x.value(), rule, height, width);
    return new FeatureMap(y, x.batch(), x.channels(), height, width);
  }

  /** The channels of all, one after the other; those of other sizes get that of the first. */
  static FeatureMap joined(Scope scope, List<FeatureMap> maps) {
    FeatureMap first = maps.get(0);
    List<SDVariable> parts =
        maps.stream()
            .map(map -> resized(scope, map, first.height(), first.width()).value())
            .toList();
    long channels = maps.stream().mapToLong(FeatureMap::channels).sum();
    return first.with(ChannelConcat.apply(scope.graph(), parts), channels);
  }
}
