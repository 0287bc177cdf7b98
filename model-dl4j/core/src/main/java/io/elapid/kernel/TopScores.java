package io.elapid.kernel;

import java.util.Arrays;

/**
 * Indices by falling score, of equal scores the lower index first; NaN comes after everything else.
 */
public final class TopScores {
  /** Fewer are not worth leaving out while looking. */
  private static final int ROOM = 1024;

  private TopScores() {}

  /** All indices in order. */
  public static int[] order(float[] scores) {
    return best(scores, Double.NEGATIVE_INFINITY, scores.length, true);
  }

  /** The first {@code limit} indices in order, or all if there are fewer. */
  public static int[] top(float[] scores, int limit) {
    return best(scores, Double.NEGATIVE_INFINITY, limit, true);
  }

  /** As {@link #top}, of the scores above {@code threshold} only. */
  public static int[] above(float[] scores, double threshold, int limit) {
    return best(scores, threshold, limit, false);
  }

  private static int[] best(float[] scores, double threshold, int limit, boolean all) {
    if (limit < 0) {
      throw new IllegalArgumentException("the first " + limit + " scores");
    }
    int room = (int) Math.min(scores.length, Math.max(2L * limit, ROOM));
    long[] keys = new long[room];
    int count = 0;
    long worst = Long.MAX_VALUE;
    for (int i = 0; i < scores.length; i++) {
      long key = key(scores[i], i);
      if ((all || scores[i] > threshold) && key <= worst) {
        keys[count++] = key;
        if (count == room && room > limit) {
          Arrays.sort(keys);
          count = limit;
          worst = limit == 0 ? Long.MIN_VALUE : keys[limit - 1];
        }
      }
    }
    Arrays.sort(keys, 0, count);
    return Arrays.stream(keys, 0, Math.min(count, limit)).mapToInt(key -> (int) key).toArray();
  }

  /** Rises as scores fall, and with the index among equal ones. */
  private static long key(float score, int index) {
    int bits = Float.floatToIntBits(score + 0f);
    int rising = Float.isNaN(score) ? Integer.MIN_VALUE : bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ~rising << Integer.SIZE) | index;
  }
}
