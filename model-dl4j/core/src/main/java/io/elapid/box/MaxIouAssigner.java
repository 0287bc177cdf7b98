package io.elapid.box;

import java.util.Arrays;

/**
 * Matches candidates to objects by their overlap (intersection over union).
 *
 * @param positive least overlap that makes a candidate belong to the object that it overlaps most
 *     (the first of equals)
 * @param negative candidates whose largest overlap is below this are background
 * @param least overlap from which on an object's best candidates are given to it, see {@link
 *     LowQuality}; where it is 0, an object that overlaps nothing takes every candidate without
 *     overlap, as the published code does
 * @param crowds what ignored regions do
 */
public record MaxIouAssigner(
    float positive, float negative, float least, LowQuality lowQuality, Crowds crowds) {

  /** Which candidates an object gets that it overlaps most, though not enough. */
  public enum LowQuality {
    /** None. */
    NONE,
    /** The first of the best. */
    FIRST,
    /** All that overlap exactly as much; later objects take candidates from earlier ones. */
    ALL
  }

  /**
   * Candidates in regions that are ignored are neither positive nor background.
   *
   * @param threshold share from which on (exclusively) that is so; 0 or less: never
   * @param of what the share is of: {@code CANDIDATE} or {@code REGION}
   */
  public record Crowds(float threshold, ShareOf of) {
    /** Regions do nothing; their candidates are ordinary background. */
    public static final Crowds UNNOTICED = new Crowds(-1, ShareOf.CANDIDATE);
  }

  /** Whose area an intersection is compared with. */
  public enum ShareOf {
    CANDIDATE,
    REGION
  }

  private static final float IN_CROWD = -1;

  /** With every best candidate given to its object, and crowds that go unnoticed. */
  public static MaxIouAssigner of(double positive, double negative, double least) {
    return new MaxIouAssigner(
        (float) positive, (float) negative, (float) least, LowQuality.ALL, Crowds.UNNOTICED);
  }

  /** Matches without regions to ignore. */
  public Assignment assign(Boxes candidates, Boxes truths) {
    return assign(candidates, truths, Boxes.none());
  }

  /** Matches every candidate. */
  public Assignment assign(Boxes candidates, Boxes truths, Boxes ignored) {
    int[] assigned = new int[candidates.size()];
    float[] overlaps = new float[candidates.size()];
    if (truths.size() == 0) {
      return new Assignment(assigned, overlaps);
    }
    Best best = new Best(truths.size());
    boolean[] crowded = crowded(candidates, ignored);
    for (int n = 0; n < candidates.size(); n++) {
      overlaps[n] = IN_CROWD;
      int nearest = 0;
      for (int g = 0; g < truths.size(); g++) {
        float overlap = crowded[n] ? IN_CROWD : Overlap.UNION.of(truths, g, candidates, n);
        if (overlap > overlaps[n]) {
          overlaps[n] = overlap;
          nearest = g;
        }
        best.see(g, n, overlap);
      }
      assigned[n] = byThreshold(overlaps[n], nearest);
    }
    giveBest(candidates, truths, best, crowded, assigned);
    return new Assignment(assigned, overlaps);
  }

  private int byThreshold(float overlap, int nearest) {
    if (overlap >= positive) {
      return nearest + 1;
    }
    return overlap >= 0 && overlap < negative ? Assignment.BACKGROUND : Assignment.NEITHER;
  }

  /** Per object the largest overlap and the first candidate that has it. */
  private static final class Best {
    private final float[] overlap;
    private final int[] candidate;

    Best(int truths) {
      overlap = new float[truths];
      candidate = new int[truths];
      Arrays.fill(overlap, Float.NEGATIVE_INFINITY);
    }

    void see(int truth, int n, float value) {
      if (value > overlap[truth]) {
        overlap[truth] = value;
        candidate[truth] = n;
      }
    }
  }

  /** Overlaps are calculated again instead of kept: they are the same to the bit. */
  private void giveBest(
      Boxes candidates, Boxes truths, Best best, boolean[] crowded, int[] assigned) {
    for (int g = 0; g < truths.size(); g++) {
      if (lowQuality == LowQuality.NONE || best.overlap[g] < least) {
        continue;
      }
      if (lowQuality == LowQuality.FIRST) {
        assigned[best.candidate[g]] = g + 1;
        continue;
      }
      for (int n = 0; n < candidates.size(); n++) {
        if (!crowded[n] && Overlap.UNION.of(truths, g, candidates, n) == best.overlap[g]) {
          assigned[n] = g + 1;
        }
      }
    }
  }

  private boolean[] crowded(Boxes candidates, Boxes ignored) {
    boolean[] crowded = new boolean[candidates.size()];
    if (crowds.threshold() <= 0) {
      return crowded;
    }
    for (int n = 0; n < candidates.size(); n++) {
      for (int r = 0; r < ignored.size() && !crowded[n]; r++) {
        float share =
            crowds.of() == ShareOf.CANDIDATE
                ? Overlap.FIRST.of(candidates, n, ignored, r)
                : Overlap.FIRST.of(ignored, r, candidates, n);
        crowded[n] = share > crowds.threshold();
      }
    }
    return crowded;
  }
}
