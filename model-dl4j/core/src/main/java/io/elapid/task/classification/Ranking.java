package io.elapid.task.classification;

import java.nio.FloatBuffer;

/**
 * The order of classes by their scores: higher first, of equal scores the lower index first, NaN
 * last. So every implementation that follows it counts the same answers as right.
 */
public final class Ranking {
  private Ranking() {}

  /**
   * How many classes come before {@code label}; 0 if it is the answer.
   *
   * @param scores holds a row of {@code classes} scores at {@code offset}
   */
  public static int rank(FloatBuffer scores, int offset, int classes, int label) {
    float own = scores.get(offset + label);
    int before = 0;
    for (int i = 0; i < classes; i++) {
      if (precedes(scores.get(offset + i), i, own, label)) {
        before++;
      }
    }
    return before;
  }

  /** The {@code count} best classes in order, or all if there are fewer. */
  public static int[] top(FloatBuffer scores, int offset, int classes, int count) {
    int[] best = new int[Math.min(count, classes)];
    int filled = 0;
    for (int i = 0; i < classes; i++) {
      int place = filled;
      while (place > 0
          && precedes(
              scores.get(offset + i), i, scores.get(offset + best[place - 1]), best[place - 1])) {
        place--;
      }
      if (place < best.length) {
        filled = Math.min(filled + 1, best.length);
        System.arraycopy(best, place, best, place + 1, filled - place - 1);
        best[place] = i;
      }
    }
    return best;
  }

  private static boolean precedes(float score, int index, float other, int otherIndex) {
    if (Float.isNaN(score) || Float.isNaN(other)) {
      return Float.isNaN(other) && (!Float.isNaN(score) || index < otherIndex);
    }
    return score > other || (score == other && index < otherIndex);
  }
}
