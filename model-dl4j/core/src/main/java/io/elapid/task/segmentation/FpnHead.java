package io.elapid.task.segmentation;

import io.elapid.graph.Scope;
import io.elapid.nn.ConvModule;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.op.Sum;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The head of semantic FPN (Kirillov et al., "Panoptic Feature Pyramid Networks", CVPR 2019): every
 * level is convolved and enlarged until it is as large as the finest, and the sum is classified.
 * Parameters {@code scale_heads.i.j} and {@code conv_seg}.
 *
 * @param channels of every level's convolutions
 */
record FpnHead(long channels, ScoreLayer scores) {
  /**
   * Adds the head.
   *
   * @param strides that decide how often a level is enlarged, by their ratios to the first
   * @return scores (batch, classes, height, width) of the finest level's size
   */
  FeatureMap apply(Scope scope, List<FeatureMap> levels, List<Integer> strides, int classes) {
    FeatureMap finest = enlarged(scope.child("scale_heads").child(0), levels.get(0), 1);
    SDVariable sum = finest.value();
    for (int i = 1; i < strides.size(); i++) {
      Scope head = scope.child("scale_heads").child(i);
      FeatureMap level = enlarged(head, levels.get(i), strides.get(i) / strides.get(0));
      FeatureMap fitted = MapSizes.resized(scope, level, finest.height(), finest.width());
      sum = Sum.apply(scope.graph(), List.of(sum, fitted.value()));
    }
    return scores.apply(scope, finest.with(sum), classes);
  }

  /** Convolved once for every doubling, at least once; a ratio of one enlarges nothing. */
  private FeatureMap enlarged(Scope scope, FeatureMap level, int ratio) {
    int doublings = Integer.numberOfTrailingZeros(Integer.highestOneBit(ratio));
    FeatureMap x = level;
    for (int j = 0; j < Math.max(1, doublings); j++) {
      // the official sequence has an enlargement after every convolution
      Scope block = scope.child(ratio == 1 ? j : 2 * j);
      x = ConvModule.apply(block, x, Convolution.dense3x3(x.channels(), channels, 1));
      if (ratio > 1) {
        x = MapSizes.resized(scope, x, 2 * x.height(), 2 * x.width());
      }
    }
    return x;
  }
}
