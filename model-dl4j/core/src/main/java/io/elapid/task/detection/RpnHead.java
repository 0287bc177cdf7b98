package io.elapid.task.detection;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.Activations;
import io.elapid.nn.ConvWeights;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.op.BinaryCrossEntropy;
import io.elapid.op.SmoothL1Loss;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The head of a region proposal network (Ren et al., "Faster R-CNN", NIPS 2015), shared by all
 * levels: whether an anchor holds an object, and where. Parameters {@code rpn_conv}, {@code
 * rpn_cls} and {@code rpn_reg}.
 */
final class RpnHead {
  static final int ANCHORS = 3;
  private static final double DEVIATION = 0.01;

  private RpnHead() {}

  /** Adds the head to all levels. */
  static List<DenseMaps> apply(Scope scope, List<FeatureMap> levels) {
    long width = levels.get(0).channels();
    ConvWeights shared = declare(scope, "rpn_conv", Convolution.dense3x3(width, width, 1));
    ConvWeights logits = declare(scope, "rpn_cls", Convolution.pointwise(width, ANCHORS));
    ConvWeights deltas = declare(scope, "rpn_reg", Convolution.pointwise(width, 4 * ANCHORS));
    List<DenseMaps> maps = new ArrayList<>();
    for (FeatureMap level : levels) {
      FeatureMap x = Activations.apply(scope, shared.apply(scope, level), ActivationKind.RELU);
      maps.add(new DenseMaps(logits.apply(scope, x), deltas.apply(scope, x)));
    }
    return maps;
  }

  private static ConvWeights declare(Scope scope, String name, Convolution convolution) {
    return ConvWeights.declare(
        scope.child(name), convolution, shape -> Initializer.normal(DEVIATION));
  }

  /**
   * Adds the losses of the anchors that were drawn; those of classes are of whether there is an
   * object.
   *
   * @param counted per level 1 for these, (batch, anchors, height, width)
   * @param divisor of all losses
   */
  static DenseLosses losses(
      Scope scope,
      List<DenseMaps> maps,
      List<DenseMaps.Wanted> wanted,
      List<SDVariable> counted,
      SDVariable divisor) {
    List<SDVariable> objects = new ArrayList<>();
    List<SDVariable> boxes = new ArrayList<>();
    for (int l = 0; l < maps.size(); l++) {
      DenseMaps.Wanted level = wanted.get(l);
      objects.add(
          BinaryCrossEntropy.apply(
              scope.graph(),
              maps.get(l).logits().value(),
              level.labels(),
              counted.get(l),
              divisor));
      boxes.add(
          SmoothL1Loss.apply(
              scope.graph(),
              maps.get(l).deltas().value(),
              level.deltas(),
              level.positive(),
              divisor,
              0));
    }
    return new DenseLosses(objects, boxes);
  }
}
