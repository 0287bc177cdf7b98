package io.elapid.task.detection;

import io.elapid.box.Anchors;
import io.elapid.box.Assignment;
import io.elapid.box.BoxCoder;
import io.elapid.box.MaxIouAssigner;
import io.elapid.box.RandomSampler;
import io.elapid.data.image.Size;
import java.util.List;

/**
 * What the head of a region proposal network is to say, of up to 256 anchors a picture of which at
 * most half hold objects. All objects are of one kind.
 *
 * @param dense 1 for an object, 0 for none
 * @param divisor of the losses: the drawn anchors, at least one of either kind for every picture
 */
record RpnTargets(DenseTargets dense, float divisor) {
  private static final MaxIouAssigner ASSIGNER = MaxIouAssigner.of(0.7, 0.3, 0.3);
  private static final RandomSampler SAMPLER = new RandomSampler(256, 0.5);

  /** Of published losses, which divide by sums that might be 0. */
  private static final float EPSILON = Math.ulp(1f);

  /** Draws candidates of one picture. */
  @FunctionalInterface
  interface Sampling {
    RandomSampler.Draw draw(Assignment assignment, int image);
  }

  /**
   * Matches and draws.
   *
   * @param seeds one per picture
   */
  static RpnTargets of(Anchors anchors, List<Size> maps, List<Truths> pictures, long... seeds) {
    return of(
        anchors, maps, pictures, (assignment, image) -> SAMPLER.draw(assignment, seeds[image]));
  }

  static RpnTargets of(Anchors anchors, List<Size> maps, List<Truths> pictures, Sampling sampling) {
    DenseTargets dense = new DenseTargets(anchors, maps, pictures.size(), 0, BoxCoder.PLAIN);
    int divisor = 0;
    for (int i = 0; i < pictures.size(); i++) {
      Truths truths = pictures.get(i);
      int[] valid = anchors.valid(maps, truths.padded());
      Assignment assignment = ASSIGNER.assign(dense.grid().rows(valid), truths.boxes());
      RandomSampler.Draw draw = sampling.draw(assignment, i);
      for (int candidate : draw.positives()) {
        dense.label(i, valid[candidate], 1);
        dense.box(i, valid[candidate], truths.boxes(), assignment.truth(candidate));
      }
      for (int candidate : draw.negatives()) {
        dense.label(i, valid[candidate], 0);
      }
      divisor += Math.max(draw.positives().length, 1) + Math.max(draw.negatives().length, 1);
    }
    return new RpnTargets(dense, divisor + EPSILON);
  }
}
