package io.elapid.task.classification;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How often each class was taken for each other. Only what happened is kept: of many classes most
 * are never taken for most others.
 */
public final class ConfusionMatrix {
  private final int classes;
  private final TreeMap<Long, Long> counts;
  private final long[] supports;
  private final long[] predictions;

  /**
   * What happened at all.
   *
   * @param count of samples of the true class that were answered by the other, above 0
   */
  public record Cell(int trueClass, int predictedClass, long count) {}

  /**
   * Of counts by place.
   *
   * @param counts samples of class {@code t} that were answered {@code p}, at {@code t * classes +
   *     p}; nothing for 0
   */
  ConfusionMatrix(int classes, Map<Long, Long> counts) {
    this.classes = classes;
    this.counts = new TreeMap<>(counts);
    this.supports = new long[classes];
    this.predictions = new long[classes];
    cells()
        .forEach(
            cell -> {
              supports[cell.trueClass()] += cell.count();
              predictions[cell.predictedClass()] += cell.count();
            });
  }

  /**
   * Of few classes.
   *
   * @param counts samples of class {@code t} that were answered {@code p}, at {@code t * classes +
   *     p}
   */
  public static ConfusionMatrix of(int classes, long[] counts) {
    if (counts.length != Math.multiplyExact(classes, classes)) {
      throw new IllegalArgumentException(
          "%d counts for %d classes".formatted(counts.length, classes));
    }
    Map<Long, Long> happened = new TreeMap<>();
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != 0) {
        happened.put((long) i, counts[i]);
      }
    }
    return new ConfusionMatrix(classes, happened);
  }

  public int classes() {
    return classes;
  }

  /** Whatever happened, by true class and then by answer. */
  public Stream<Cell> cells() {
    return counts.entrySet().stream()
        .map(
            entry ->
                new Cell(
                    (int) (entry.getKey() / classes),
                    (int) (entry.getKey() % classes),
                    entry.getValue()));
  }

  public long count(int trueClass, int predictedClass) {
    return counts.getOrDefault((long) trueClass * classes + predictedClass, 0L);
  }

  /** Samples of a class. */
  public long support(int trueClass) {
    return supports[trueClass];
  }

  /** How often a class was the answer. */
  public long predicted(int predictedClass) {
    return predictions[predictedClass];
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
        && matrix.counts.equals(counts);
  }

  @Override
  public int hashCode() {
    return 31 * classes + counts.hashCode();
  }
}
