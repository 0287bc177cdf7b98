package io.elapid.task.segmentation;

import io.elapid.graph.Scope;
import io.elapid.nn.ConvModule;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import java.util.ArrayList;
import java.util.List;

/**
 * A map beside what it is on average in 1, 4, 9 and 36 parts, convolved into one. Parameters {@code
 * psp_modules.i.1} and {@code bottleneck}.
 *
 * @param channels of every convolution
 */
record PoolingPyramid(long channels) {
  private static final List<Integer> BINS = List.of(1, 2, 3, 6);

  /** Adds the pyramid; the result has the size of the map. */
  FeatureMap apply(Scope scope, FeatureMap x) {
    List<FeatureMap> parts = new ArrayList<>(List.of(x));
    for (int i = 0; i < BINS.size(); i++) {
      parts.add(
          ConvModule.apply(
              scope.child("psp_modules").child(i).child(1),
              MapSizes.pooled(scope, x, BINS.get(i)),
              Convolution.pointwise(x.channels(), channels)));
    }
    FeatureMap all = MapSizes.joined(scope, parts);
    return ConvModule.apply(
        scope.child("bottleneck"), all, Convolution.dense3x3(all.channels(), channels, 1));
  }
}
