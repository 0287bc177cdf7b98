package io.elapid.task.segmentation;

import io.elapid.graph.Scope;
import io.elapid.nn.ConvModule;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;

/**
 * A convolution and a classifier on one map: the head that helps another one to learn and answers
 * nothing. Parameters {@code convs.0} and {@code conv_seg}.
 *
 * @param channels of the convolution
 */
record FcnHead(long channels, ScoreLayer scores) {
  /** Adds the head to a map; the scores have its size. */
  FeatureMap apply(Scope scope, FeatureMap x, int classes) {
    FeatureMap y =
        ConvModule.apply(
            scope.child("convs").child(0), x, Convolution.dense3x3(x.channels(), channels, 1));
    return scores.apply(scope, y, classes);
  }
}
