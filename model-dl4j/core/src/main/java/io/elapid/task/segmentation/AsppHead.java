package io.elapid.task.segmentation;

import io.elapid.graph.Scope;
import io.elapid.nn.ConvModule;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import java.util.ArrayList;
import java.util.List;

/**
 * The head of DeepLabv3 (Chen et al., "Rethinking Atrous Convolution for Semantic Image
 * Segmentation", 2017): one map seen as a whole, by pixel, and by convolutions whose taps lie ever
 * further apart. Parameters {@code image_pool.1}, {@code aspp_modules.i}, {@code bottleneck} and
 * {@code conv_seg}.
 *
 * @param channels of every convolution
 */
record AsppHead(long channels, ScoreLayer scores) {
  private static final List<Integer> DILATIONS = List.of(1, 12, 24, 36);

  /** Adds the head to a map; the scores have its size. */
  FeatureMap apply(Scope scope, FeatureMap x, int classes) {
    List<FeatureMap> seen = new ArrayList<>();
    for (int i = 0; i < DILATIONS.size(); i++) {
      seen.add(
          ConvModule.apply(
              scope.child("aspp_modules").child(i), x, convolution(x, DILATIONS.get(i))));
    }
    FeatureMap whole =
        ConvModule.apply(
            scope.child("image_pool").child(1),
            MapSizes.pooled(scope, x, 1),
            Convolution.pointwise(x.channels(), channels));
    seen.add(0, MapSizes.resized(scope, whole, x.height(), x.width()));
    FeatureMap all = MapSizes.joined(scope, seen);
    FeatureMap y =
        ConvModule.apply(
            scope.child("bottleneck"), all, Convolution.dense3x3(all.channels(), channels, 1));
    return scores.apply(scope, y, classes);
  }

  private Convolution convolution(FeatureMap x, int dilation) {
    return dilation == 1
        ? Convolution.pointwise(x.channels(), channels)
        : Convolution.dilated3x3(x.channels(), channels, dilation);
  }
}
