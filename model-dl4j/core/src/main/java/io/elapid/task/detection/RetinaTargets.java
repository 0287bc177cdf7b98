package io.elapid.task.detection;

import io.elapid.box.Anchors;
import io.elapid.box.Assignment;
import io.elapid.box.MaxIouAssigner;
import io.elapid.data.image.Size;
import java.util.List;

/**
 * What RetinaNet's head is to say: an anchor belongs to the object that it overlaps by a half or
 * more, to none below 0.4, and every object has its best anchors at least. Nothing is drawn.
 *
 * @param dense classes, {@code classes} for the background, -1 for what does not count
 * @param divisor of the losses: the positive anchors, at least one for every picture
 */
record RetinaTargets(DenseTargets dense, float divisor) {
  private static final MaxIouAssigner ASSIGNER = MaxIouAssigner.of(0.5, 0.4, 0);

  /** Of published losses, which divide by sums that might be 0. */
  private static final float EPSILON = Math.ulp(1f);

  static RetinaTargets of(Anchors anchors, List<Size> maps, List<Truths> pictures, int classes) {
    DenseTargets dense = new DenseTargets(anchors, maps, pictures.size(), -1);
    int divisor = 0;
    for (int i = 0; i < pictures.size(); i++) {
      Truths truths = pictures.get(i);
      int[] valid = anchors.valid(maps, truths.padded());
      Assignment assignment = ASSIGNER.assign(dense.grid().rows(valid), truths.boxes());
      for (int n = 0; n < valid.length; n++) {
        tell(dense, i, valid[n], assignment, n, truths, classes);
      }
      divisor += Math.max(assignment.positives(), 1);
    }
    return new RetinaTargets(dense, divisor + EPSILON);
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
