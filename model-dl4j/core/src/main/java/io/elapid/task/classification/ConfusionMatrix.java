package io.elapid.task.classification;

import java.util.Arrays;

/**
 * How often each class was taken for each other.
 *
 * @param counts samples of class {@code t} that were answered {@code p}, at {@code t * classes + p}
 */
public record ConfusionMatrix(int classes, long[] counts) {
  public ConfusionMatrix {
    counts = counts.clone();
    if (counts.length != Math.multiplyExact(classes, classes)) {
      throw new IllegalArgumentException(
          "%d counts for %d classes".formatted(counts.length, classes));
    }
  }

  public long count(int trueClass, int predictedClass) {
    return counts[trueClass * classes + predictedClass];
  }

  /** Samples of a class. */
  public long support(int trueClass) {
    return Arrays.stream(counts, trueClass * classes, (trueClass + 1) * classes).sum();
  }

  /** How often a class was the answer. */
  public long predicted(int predictedClass) {
    long sum = 0;
    for (int i = predictedClass; i < counts.length; i += classes) {
      sum += counts[i];
    }
    return sum;
  }

  /** Share of a class's samples that were recognised; NaN if it has none. */
  public double recall(int trueClass) {
    return (double) count(trueClass, trueClass) / support(trueClass);
  }

  /** Share of a class's answers that were right; NaN if it was never the answer. */
  public double precision(int predictedClass) {
    return (double) count(predictedClass, predictedClass) / predicted(predictedClass);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConfusionMatrix matrix
        && matrix.classes == classes
        && Arrays.equals(matrix.counts, counts);
  }

  @Override
  public int hashCode() {
    return 31 * classes + Arrays.hashCode(counts);
  }
}
