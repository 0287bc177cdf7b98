package io.elapid.task.segmentation;

import io.elapid.graph.Scope;
import io.elapid.nn.ConvModule;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.op.Sum;
import java.util.ArrayList;
import java.util.List;

/**
 * The head of UPerNet (Xiao et al., "Unified Perceptual Parsing for Scene Understanding", ECCV
 * 2018): a feature pyramid on all maps, whose top is a {@link PoolingPyramid}, joined at the size
 * of the finest. Parameters {@code psp_modules}, {@code bottleneck}, {@code lateral_convs.i},
 * {@code fpn_convs.i}, {@code fpn_bottleneck} and {@code conv_seg}.
 *
 * @param channels of every convolution
 */
record UperHead(long channels, ScoreLayer scores) {
  /**
   * Adds the head.
   *
   * @param maps finest first
   * @return scores of the finest map's size
   */
  FeatureMap apply(Scope scope, List<FeatureMap> maps, int classes) {
    List<FeatureMap> levels = new ArrayList<>();
    FeatureMap above = new PoolingPyramid(channels).apply(scope, maps.get(maps.size() - 1));
    levels.add(above);
    for (int i = maps.size() - 2; i >= 0; i--) {
      FeatureMap map = maps.get(i);
      FeatureMap lateral =
          ConvModule.apply(
              scope.child("lateral_convs").child(i),
              map,
              Convolution.pointwise(map.channels(), channels));
      FeatureMap down = MapSizes.resized(scope, above, map.height(), map.width());
      above = lateral.with(Sum.apply(scope.graph(), List.of(lateral.value(), down.value())));
      levels.add(0, smoothed(scope.child("fpn_convs").child(i), above));
    }
    return scores.apply(
        scope, smoothed(scope.child("fpn_bottleneck"), MapSizes.joined(scope, levels)), classes);
  }

  private FeatureMap smoothed(Scope scope, FeatureMap x) {
    return ConvModule.apply(scope, x, Convolution.dense3x3(x.channels(), channels, 1));
  }
}
