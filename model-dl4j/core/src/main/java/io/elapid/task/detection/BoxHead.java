package io.elapid.task.detection;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.RoiPooling;
import io.elapid.nn.FeatureMap;
import io.elapid.op.Activation;
import io.elapid.op.ClassSelect;
import io.elapid.op.LabelCrossEntropy;
import io.elapid.op.Linear;
import io.elapid.op.RoiAlign;
import io.elapid.op.SmoothL1Loss;
import java.util.List;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The second stage's head for classes and boxes: two linear layers with rectifiers, then scores of
 * the classes and of the background, which comes last, and a box for every class. Parameters {@code
 * shared_fcs.i}, {@code fc_cls} and {@code fc_reg}.
 *
 * @param width of the shared layers
 * @param finestScale of the regions that are taken from the finest level
 */
record BoxHead(long width, double finestScale) {
  /** As published. */
  static final BoxHead PUBLISHED = new BoxHead(1024, 56);

  static final int BINS = 7;

  /** Label of regions that only fill a list up. */
  static final int NONE = -1;

  private static final int LAYERS = 2;

  /**
   * What the head says of regions.
   *
   * @param pooled (regions, channels, 7, 7)
   * @param scores (regions, classes + 1)
   * @param deltas (regions, classes x 4)
   */
  record Answer(SDVariable pooled, SDVariable scores, SDVariable deltas) {}

  static RoiPooling pooling(int bins, double stride, double finestScale) {
    return new RoiPooling(bins, bins, 0, RoiPooling.Alignment.ALIGNED, stride, finestScale);
  }

  /**
   * Adds the head.
   *
   * @param levels that regions are taken from
   * @param stride of the finest
   * @param rois (regions, 5)
   */
  Answer apply(
      Scope scope,
      List<FeatureMap> levels,
      double stride,
      SDVariable rois,
      long regions,
      int classes) {
    SDVariable pooled =
        RoiAlign.apply(
            scope.graph(),
            levels.stream().map(FeatureMap::value).toList(),
            rois,
            pooling(BINS, stride, finestScale));
    long inputs = levels.get(0).channels() * BINS * BINS;
    SDVariable x = scope.graph().reshape(pooled, regions, inputs);
    for (int i = 0; i < LAYERS; i++) {
      Scope layer = scope.child("shared_fcs").child(i);
      x = linear(layer, x, inputs, width, Initializer::glorot);
      x = Activation.apply(scope.graph(), x, ActivationKind.RELU);
      inputs = width;
    }
    SDVariable scores =
        linear(scope.child("fc_cls"), x, width, classes + 1, shape -> Initializer.normal(0.01));
    SDVariable deltas =
        linear(scope.child("fc_reg"), x, width, 4L * classes, shape -> Initializer.normal(0.001));
    return new Answer(pooled, scores, deltas);
  }

  private static SDVariable linear(
      Scope scope, SDVariable x, long inputs, long outputs, Function<long[], Initializer> start) {
    long[] shape = {outputs, inputs};
    SDVariable weight = scope.parameter("weight", start.apply(shape), shape);
    SDVariable bias = scope.parameter("bias", Initializer.zero(), outputs);
    return Linear.apply(scope.graph(), x, weight, bias);
  }

  /**
   * What regions are to be.
   *
   * @param labels (regions): classes, their number for the background, {@link #NONE} for padding
   * @param deltas (regions, 4)
   * @param positive (regions): 1 where the deltas count
   * @param count number of regions, at least one
   */
  record Wanted(SDVariable labels, SDVariable deltas, SDVariable positive, SDVariable count) {}

  /** Cross-entropy of the classes. */
  static SDVariable classLoss(Scope scope, Answer answer, Wanted wanted) {
    return LabelCrossEntropy.apply(
        scope.graph(), answer.scores(), wanted.labels(), wanted.count(), NONE);
  }

  /** Absolute differences of the boxes of the regions' own classes. */
  static SDVariable boxLoss(Scope scope, Answer answer, Wanted wanted, int classes) {
    SDVariable own = ClassSelect.apply(scope.graph(), answer.deltas(), wanted.labels(), classes);
    return SmoothL1Loss.apply(
        scope.graph(), own, wanted.deltas(), wanted.positive(), wanted.count(), 0);
  }
}
