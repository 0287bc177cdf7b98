package io.elapid.task.segmentation;

import io.elapid.data.image.LabelMap;
import io.elapid.graph.Scope;
import io.elapid.kernel.Resampling;
import io.elapid.nn.FeatureMap;
import io.elapid.op.LabelCrossEntropy;
import io.elapid.op.Resample;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Softmax cross-entropy of enlarged scores, ignoring {@link LabelMap#IGNORED}; the mean is over all
 * pixels, ignored ones included.
 */
final class PixelLoss {
  private PixelLoss() {}

  /**
   * Adds the loss.
   *
   * @param labels (batch, height, width)
   */
  static SDVariable apply(
      Scope scope, FeatureMap scores, SDVariable labels, long height, long width) {
    SDVariable enlarged =
        Resample.apply(scope.graph(), scores.value(), Resampling.LINEAR, height, width);
    double pixels = (double) scores.batch() * height * width;
    SDVariable divisor = scope.graph().constant(Nd4j.scalar(scope.dataType(), pixels));
    return LabelCrossEntropy.apply(scope.graph(), enlarged, labels, divisor, LabelMap.IGNORED);
  }
}
