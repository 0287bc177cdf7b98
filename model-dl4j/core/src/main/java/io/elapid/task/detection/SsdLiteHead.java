package io.elapid.task.detection;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.nn.ConvWeights;
import io.elapid.nn.Convolution;
import io.elapid.nn.FeatureMap;
import io.elapid.op.HardNegatives;
import io.elapid.op.LabelCrossEntropy;
import io.elapid.op.SmoothL1Loss;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * SSDLite's coarse levels and its head (Liu et al., "SSD", ECCV 2016; Sandler et al.,
 * "MobileNetV2", CVPR 2018): a depthwise and a pointwise convolution per level for classes, and as
 * many for boxes; the background is one more class, the last. Parameters {@code
 * neck.extra_layers.i}, {@code bbox_head.cls_convs.i} and {@code bbox_head.reg_convs.i}.
 */
final class SsdLiteHead {
  static final int ANCHORS = 6;
  private static final int HARD_NEGATIVES = 3;
  private static final double BETA = 1;
  private static final int NONE = -1;
  private static final SsdConv EXTRA = new SsdConv(0.03);
  private static final SsdConv HEAD = new SsdConv(1e-3);

  private SsdLiteHead() {}

  /**
   * The maps and coarser ones, each half as large as the one before.
   *
   * @param widths channels of the coarser ones
   */
  static List<FeatureMap> levels(Scope neck, List<FeatureMap> maps, List<Long> widths) {
    List<FeatureMap> levels = new ArrayList<>(maps);
    for (int i = 0; i < widths.size(); i++) {
      FeatureMap before = levels.get(levels.size() - 1);
      Scope layer = neck.child("extra_layers").child(i);
      long narrow = widths.get(i) / 2;
      FeatureMap x =
          EXTRA.apply(layer.child(0), before, Convolution.pointwise(before.channels(), narrow));
      x =
          EXTRA.apply(
              layer.child(1).child("depthwise_conv"), x, Convolution.depthwise3x3(narrow, 2));
      levels.add(
          EXTRA.apply(
              layer.child(1).child("pointwise_conv"),
              x,
              Convolution.pointwise(narrow, widths.get(i))));
    }
    return levels;
  }

  /** Adds the head to all levels. */
  static List<DenseMaps> apply(Scope scope, List<FeatureMap> levels, int classes) {
    List<DenseMaps> maps = new ArrayList<>();
    for (int l = 0; l < levels.size(); l++) {
      maps.add(
          new DenseMaps(
              branch(scope.child("cls_convs").child(l), levels.get(l), classes + 1),
              branch(scope.child("reg_convs").child(l), levels.get(l), 4)));
    }
    return maps;
  }

  private static FeatureMap branch(Scope scope, FeatureMap x, int perAnchor) {
    FeatureMap y = HEAD.apply(scope.child(0), x, Convolution.depthwise3x3(x.channels(), 1));
    return ConvWeights.declare(
            scope.child(1),
            Convolution.pointwise(x.channels(), (long) ANCHORS * perAnchor),
            shape -> Initializer.normal(1e-3))
        .apply(scope.child(1), y);
  }

  /**
   * Adds cross-entropies of the classes, of the hardest background alone, and smooth absolute
   * differences of the boxes.
   *
   * @param divisor of all of them
   */
  static DenseLosses losses(
      Scope scope, List<DenseMaps> maps, List<DenseMaps.Wanted> wanted, SDVariable divisor) {
    List<SDVariable> logits = maps.stream().map(level -> level.logits().value()).toList();
    List<SDVariable> labels =
        HardNegatives.apply(
            scope.graph(),
            logits,
            wanted.stream().map(DenseMaps.Wanted::labels).toList(),
            HARD_NEGATIVES);
    List<SDVariable> classes = new ArrayList<>();
    List<SDVariable> boxes = new ArrayList<>();
    for (int l = 0; l < maps.size(); l++) {
      DenseMaps.Wanted level = wanted.get(l);
      SDVariable deltas = maps.get(l).deltas().value();
      classes.add(
          LabelCrossEntropy.apply(scope.graph(), logits.get(l), labels.get(l), divisor, NONE));
      boxes.add(
          SmoothL1Loss.apply(
              scope.graph(), deltas, level.deltas(), level.positive(), divisor, BETA));
    }
    return new DenseLosses(classes, boxes);
  }
}
