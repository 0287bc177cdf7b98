package io.elapid.kernel;

/**
 * How many labels the best scored class hits, of equal scores the first.
 *
 * @param hits labels that are hit; ignored ones never are
 * @param counted labels that are not ignored
 * @param all labels
 */
public record LabelAccuracy(long hits, long counted, long all) {
  /**
   * Of maps of scores.
   *
   * @param scores {@code (N, classes, positions)}
   * @param labels {@code (N, positions)}
   */
  public static LabelAccuracy of(
      float[] scores, int classes, int positions, float[] labels, int ignored) {
    if (scores.length != labels.length * classes || labels.length % positions != 0) {
      throw new IllegalArgumentException(
          "%d scores of %d classes for %d labels".formatted(scores.length, classes, labels.length));
    }
    long hits = 0;
    long counted = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] != ignored) {
        counted++;
        int first = i / positions * classes * positions + i % positions;
        hits += best(scores, first, classes, positions) == labels[i] ? 1 : 0;
      }
    }
    return new LabelAccuracy(hits, counted, labels.length);
  }

  private static int best(float[] scores, int first, int classes, int stride) {
    int best = 0;
    for (int k = 1; k < classes; k++) {
      if (scores[first + k * stride] > scores[first + best * stride]) {
        best = k;
      }
    }
    return best;
  }

  /** Hits among the labels that count, 0 to 100; NaN if none does. */
  public double percent() {
    return counted == 0 ? Double.NaN : 100.0 * hits / counted;
  }

  /** Hits among all labels, ignored ones included, 0 to 100. */
  public double percentOfAll() {
    return 100.0 * hits / all;
  }
}
