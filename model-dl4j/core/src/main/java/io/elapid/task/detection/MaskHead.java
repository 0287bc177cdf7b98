package io.elapid.task.detection;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.Activations;
import io.elapid.nn.ConvWeights;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.TransposedConv;
import io.elapid.op.BinaryCrossEntropy;
import io.elapid.op.ClassSelect;
import io.elapid.op.RoiAlign;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Mask R-CNN's head for masks (He et al., ICCV 2017): four 3x3 convolutions with rectifiers on 14 x
 * 14 bins of a region, doubled to 28 x 28, a mask for every class. Parameters {@code convs.i.conv},
 * {@code upsample} and {@code conv_logits}.
 */
final class MaskHead {
  static final int SIZE = 28;
  private static final int BINS = SIZE / 2;
  private static final int DEPTH = 4;

  private MaskHead() {}

  /**
   * Adds the head.
   *
   * @param stride of the finest level
   * @param finestScale as {@link BoxHead#finestScale}
   * @param rois (regions, 5)
   * @return logits (regions, classes, 28, 28)
   */
  static FeatureMap apply(
      Scope scope,
      List<FeatureMap> levels,
      double stride,
      double finestScale,
      SDVariable rois,
      long regions,
      int classes) {
    long width = levels.get(0).channels();
    SDVariable pooled =
        RoiAlign.apply(
            scope.graph(),
            levels.stream().map(FeatureMap::value).toList(),
            rois,
            BoxHead.pooling(BINS, stride, finestScale));
    FeatureMap x = new FeatureMap(pooled, regions, width, BINS, BINS);
    for (int i = 0; i < DEPTH; i++) {
      Scope conv = scope.child("convs").child(i).child("conv");
      x =
          ConvWeights.declare(conv, Convolution.dense3x3(width, width, 1), Initializer::he)
              .apply(conv, x);
      x = Activations.apply(conv, x, ActivationKind.RELU);
    }
    Scope upsample = scope.child("upsample");
    x = TransposedConv.apply(upsample, x, width, Initializer::he);
    x = Activations.apply(upsample, x, ActivationKind.RELU);
    Scope logits = scope.child("conv_logits");
    return ConvWeights.declare(logits, Convolution.pointwise(width, classes), Initializer::he)
        .apply(logits, x);
  }

  /**
   * The masks of the regions' own classes.
   *
   * @param labels (regions): classes, -1 for padding
   * @return logits (regions, 28 x 28)
   */
  static SDVariable own(Scope scope, FeatureMap logits, SDVariable labels, int classes) {
    SDVariable own = ClassSelect.apply(scope.graph(), logits.value(), labels, classes);
    return scope.graph().reshape(own, logits.batch(), (long) SIZE * SIZE);
  }

  /**
   * Cross-entropy of the masks of the regions' own classes.
   *
   * @param own as {@link #own}
   * @param masks (regions, 28 x 28), 1 inside and 0 outside
   * @param counted (regions): 0 for padding
   * @param pixels 28 x 28 for every region that counts, at least one
   */
  static SDVariable loss(
      Scope scope, SDVariable own, SDVariable masks, SDVariable counted, SDVariable pixels) {
    return BinaryCrossEntropy.apply(scope.graph(), own, masks, counted, pixels);
  }
}
