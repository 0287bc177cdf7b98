package io.elapid.task.segmentation;

import io.elapid.graph.Scope;
import io.elapid.nn.FeatureMap;

/**
 * The head of PSPNet (Zhao et al., "Pyramid Scene Parsing Network", CVPR 2017). Parameters those of
 * {@link PoolingPyramid}, and {@code conv_seg}.
 *
 * @param channels of every convolution
 */
record PspHead(long channels, ScoreLayer scores) {
  /** Adds the head to a map; the scores have its size. */
  FeatureMap apply(Scope scope, FeatureMap x, int classes) {
    return scores.apply(scope, new PoolingPyramid(channels).apply(scope, x), classes);
  }
}
