package io.elapid.box;

/**
 * Which object each candidate is matched to.
 *
 * @param truths k + 1 for the k-th object, 0 for the background, -1 for neither
 * @param overlaps largest overlap with any object
 */
public record Assignment(int[] truths, float[] overlaps) {
  public static final int BACKGROUND = 0;
  public static final int NEITHER = -1;

  /** Number of candidates. */
  public int size() {
    return truths.length;
  }

  /** Whether a candidate is matched to an object. */
  public boolean isPositive(int candidate) {
    return truths[candidate] > BACKGROUND;
  }

  /** The object of a positive candidate. */
  public int truth(int candidate) {
    return truths[candidate] - 1;
  }

  /** Number of candidates that are matched to objects. */
  public int positives() {
    int count = 0;
    for (int truth : truths) {
      count += truth > BACKGROUND ? 1 : 0;
    }
    return count;
  }
}
