package io.elapid.task.detection;

import io.elapid.box.Assignment;
import io.elapid.data.image.Size;
import java.util.List;

/**
 * What the head of a detector with one stage is to say. Nothing is drawn.
 *
 * @param dense classes, {@code classes} for the background, -1 for what does not count
 * @param divisor of the losses: the positive anchors, at least one for every picture
 */
record AnchorTargets(DenseTargets dense, float divisor) {
  /** Of published losses, which divide by sums that might be 0. */
  private static final float EPSILON = Math.ulp(1f);

  static AnchorTargets of(OneStage rules, List<Size> maps, List<Truths> pictures) {
    DenseTargets dense =
        new DenseTargets(rules.anchors(), maps, pictures.size(), -1, rules.coder());
    int divisor = 0;
    for (int i = 0; i < pictures.size(); i++) {
      Truths truths = pictures.get(i);
      int[] valid = rules.anchors().valid(maps, truths.padded());
      Assignment assignment = rules.assigner().assign(dense.grid().rows(valid), truths.boxes());
      for (int n = 0; n < valid.length; n++) {
        tell(dense, i, valid[n], assignment, n, truths, rules.classes());
      }
      divisor += Math.max(assignment.positives(), 1);
    }
    return new AnchorTargets(dense, divisor + EPSILON);
  }

  private static void tell(
      DenseTargets dense,
      int image,
      int anchor,
      Assignment assignment,
      int candidate,
      Truths truths,
      int classes) {
    if (assignment.isPositive(candidate)) {
      int truth = assignment.truth(candidate);
      dense.label(image, anchor, truths.labels()[truth]);
      dense.box(image, anchor, truths.boxes(), truth);
    } else if (assignment.truths()[candidate] == Assignment.BACKGROUND) {
      dense.label(image, anchor, classes);
    }
  }
}
