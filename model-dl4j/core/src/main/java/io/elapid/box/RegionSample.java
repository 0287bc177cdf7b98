package io.elapid.box;

import java.util.List;

/**
 * The regions of a picture that the second stage learns from.
 *
 * @param regions positive ones first
 * @param truths object of each positive region
 */
public record RegionSample(Boxes regions, int[] truths) {
  private static final MaxIouAssigner ASSIGNER = MaxIouAssigner.of(0.5, 0.5, 0.5);

  /** Number of regions that hold objects. */
  public int positives() {
    return truths.length;
  }

  /**
   * Matches proposals to objects and draws some. The objects themselves are candidates, too, in
   * front of the proposals.
   */
  public static RegionSample draw(
      Boxes proposals, Boxes objects, RandomSampler sampler, long seed) {
    Assignment matched = ASSIGNER.assign(proposals, objects);
    int count = objects.size();
    int[] truths = new int[count + matched.size()];
    for (int g = 0; g < count; g++) {
      truths[g] = g + 1;
    }
    System.arraycopy(matched.truths(), 0, truths, count, matched.size());
    Assignment all = new Assignment(truths, new float[truths.length]);
    RandomSampler.Draw draw = sampler.draw(all, seed);
    Boxes candidates = Boxes.concatenated(List.of(objects, proposals));
    int[] own = new int[draw.positives().length];
    for (int i = 0; i < own.length; i++) {
      own[i] = all.truth(draw.positives()[i]);
    }
    Boxes regions =
        Boxes.concatenated(
            List.of(candidates.rows(draw.positives()), candidates.rows(draw.negatives())));
    return new RegionSample(regions, own);
  }
}
