package io.elapid.task.segmentation;

import io.elapid.graph.Initializer;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.nn.ConvWeights;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.op.ChannelScale;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The last layer of every head: whole channels are dropped in training, then each pixel is
 * classified. Parameters {@code conv_seg}.
 *
 * @param dropRate share of the channels that are dropped
 */
record ScoreLayer(double dropRate) {
  /** As published. */
  static final ScoreLayer PUBLISHED = new ScoreLayer(0.1);

  private static final double DEVIATION = 0.01;

  /**
   * Adds the layer.
   *
   * @param head scope of the head that it ends
   * @return (batch, classes, height, width)
   */
  FeatureMap apply(Scope head, FeatureMap x, int classes) {
    FeatureMap kept = x;
    if (dropRate > 0 && head.mode() == Mode.TRAIN) {
      SDVariable factors = head.dropChannels(dropRate, x.batch(), x.channels());
      kept = x.with(ChannelScale.apply(head.graph(), x.value(), factors));
    }
    Scope classifier = head.child("conv_seg");
    return ConvWeights.declare(
            classifier,
            Convolution.pointwise(x.channels(), classes),
            shape -> Initializer.normal(DEVIATION))
        .apply(classifier, kept);
  }
}
