package io.elapid.task.detection;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.Activations;
import io.elapid.nn.ConvWeights;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.op.FocalLoss;
import io.elapid.op.SmoothL1Loss;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * RetinaNet's head (Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017): a tower of
 * four 3x3 convolutions with rectifiers for classes and one for boxes, shared by all levels.
 * Parameters {@code cls_convs.i.conv}, {@code reg_convs.i.conv}, {@code retina_cls}, {@code
 * retina_reg}.
 */
final class RetinaHead {
  static final int ANCHORS = 9;
  private static final int DEPTH = 4;
  private static final double DEVIATION = 0.01;

  /** Score of every class of every anchor at first: objects are rare. */
  private static final double PRIOR = 0.01;

  private static final double ALPHA = 0.25;
  private static final double GAMMA = 2;

  private RetinaHead() {}

  /** Adds the head to all levels; the towers are as wide as these. */
  static List<DenseMaps> apply(Scope scope, List<FeatureMap> levels, int classes) {
    long width = levels.get(0).channels();
    List<ConvWeights> classTower = tower(scope.child("cls_convs"), width);
    List<ConvWeights> boxTower = tower(scope.child("reg_convs"), width);
    ConvWeights logits =
        ConvWeights.declare(
            scope.child("retina_cls"),
            Convolution.dense3x3(width, (long) ANCHORS * classes, 1),
            shape -> Initializer.normal(DEVIATION),
            new Initializer.Constant(-Math.log((1 - PRIOR) / PRIOR)));
    ConvWeights deltas =
        ConvWeights.declare(
            scope.child("retina_reg"),
            Convolution.dense3x3(width, 4 * ANCHORS, 1),
            shape -> Initializer.normal(DEVIATION));
    List<DenseMaps> maps = new ArrayList<>();
    for (FeatureMap level : levels) {
      maps.add(
          new DenseMaps(
              logits.apply(scope, climbed(scope, classTower, level)),
              deltas.apply(scope, climbed(scope, boxTower, level))));
    }
    return maps;
  }

  private static List<ConvWeights> tower(Scope scope, long width) {
    List<ConvWeights> tower = new ArrayList<>();
    for (int i = 0; i < DEPTH; i++) {
      tower.add(
          ConvWeights.declare(
              scope.child(i).child("conv"),
              Convolution.dense3x3(width, width, 1),
              shape -> Initializer.normal(DEVIATION)));
    }
    return tower;
  }

  private static FeatureMap climbed(Scope scope, List<ConvWeights> tower, FeatureMap level) {
    FeatureMap x = level;
    for (ConvWeights convolution : tower) {
      x = Activations.apply(scope, convolution.apply(scope, x), ActivationKind.RELU);
    }
    return x;
  }

  /**
   * Adds focal losses of the classes and absolute differences of the boxes.
   *
   * @param divisor of all of them
   */
  static DenseLosses losses(
      Scope scope, List<DenseMaps> maps, List<DenseMaps.Wanted> wanted, SDVariable divisor) {
    List<SDVariable> classes = new ArrayList<>();
    List<SDVariable> boxes = new ArrayList<>();
    for (int l = 0; l < maps.size(); l++) {
      DenseMaps.Wanted level = wanted.get(l);
      SDVariable logits = maps.get(l).logits().value();
      SDVariable deltas = maps.get(l).deltas().value();
      classes.add(FocalLoss.apply(scope.graph(), logits, level.labels(), divisor, ALPHA, GAMMA));
      boxes.add(
          SmoothL1Loss.apply(scope.graph(), deltas, level.deltas(), level.positive(), divisor, 0));
    }
    return new DenseLosses(classes, boxes);
  }
}
