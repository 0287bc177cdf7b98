package io.elapid.task.evaluation;

import java.util.Arrays;

/**
 * Precision and recall of one class, one range of areas and one limit.
 *
 * @param precision at each overlap and each of 101 recalls: the highest that is reached at that
 *     recall or beyond, 0 where the recall is never reached
 * @param recall that is reached at each overlap
 */
record ClassCurves(double[][] precision, double[] recall) {
  /** What keeps the official tool from dividing by zero. */
  private static final double EPSILON = Math.ulp(1.0);

  /** Shared: most classes of a large vocabulary have no object of some size. */
  private static final ClassCurves OF_NOTHING = ofNothing();

  private static ClassCurves ofNothing() {
    double[][] precision = new double[Thresholds.IOUS][Thresholds.RECALLS];
    Arrays.stream(precision).forEach(row -> Arrays.fill(row, CocoResults.ABSENT));
    double[] recall = new double[Thresholds.IOUS];
    Arrays.fill(recall, CocoResults.ABSENT);
    return new ClassCurves(precision, recall);
  }

  static ClassCurves of(RankedMatches ranked, AreaRange range, int limit) {
    long wanted = ranked.wanted()[range.index()];
    if (wanted == 0) {
      return OF_NOTHING;
    }
    double[][] precision = new double[Thresholds.IOUS][Thresholds.RECALLS];
    double[] recall = new double[Thresholds.IOUS];
    int[] flags = within(ranked, range, limit);
    double[] recalls = new double[flags.length];
    double[] precisions = new double[flags.length];
    for (int t = 0; t < Thresholds.IOUS; t++) {
      int points = points(flags, t, wanted, recalls, precisions);
      recall[t] = points == 0 ? 0 : recalls[points - 1];
      sample(recalls, precisions, points, precision[t]);
    }
    return new ClassCurves(precision, recall);
  }

  private static int[] within(RankedMatches ranked, AreaRange range, int limit) {
    int[] all = ranked.flags()[range.index()];
    int[] kept = new int[all.length];
    int filled = 0;
    for (int i = 0; i < all.length; i++) {
      if (ranked.places()[i] < limit) {
        kept[filled++] = all[i];
      }
    }
    return Arrays.copyOf(kept, filled);
  }

  /** A point after each detection that counts; precisions already made to fall. */
  private static int points(
      int[] flags, int t, long wanted, double[] recalls, double[] precisions) {
    int matched = 1 << t;
    int ignored = matched << ClassMatches.IGNORED;
    int points = 0;
    long right = 0;
    for (int flag : flags) {
      if ((flag & ignored) == 0) {
        right += (flag & matched) == 0 ? 0 : 1;
        recalls[points] = (double) right / wanted;
        precisions[points] = right / (points + 1 + EPSILON);
        points++;
      }
    }
    for (int i = points - 1; i > 0; i--) {
      precisions[i - 1] = Math.max(precisions[i - 1], precisions[i]);
    }
    return points;
  }

  private static void sample(double[] recalls, double[] precisions, int points, double[] out) {
    int at = 0;
    for (int r = 0; r < out.length; r++) {
      double wanted = Thresholds.recall(r);
      while (at < points && recalls[at] < wanted) {
        at++;
      }
      out[r] = at < points ? precisions[at] : 0;
    }
  }
}
