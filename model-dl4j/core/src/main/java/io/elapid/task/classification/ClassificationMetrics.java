package io.elapid.task.classification;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * Results of a classifier, added up sample by sample and merged over ranks.
 *
 * <p>Whoever evaluates which samples, in whichever batches: counts merge exactly, and the sum of
 * losses is kept in double. Not safe for use by several threads.
 */
public final class ClassificationMetrics {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES).build();
  private static final int TOP = 5;

  private final int classes;

  /** Samples of class t that were answered p, at t * classes + p; nothing for 0. */
  private final TreeMap<Long, Long> confusion = new TreeMap<>();

  private long samples;
  private double lossSum;
  private long top1;
  private long top5;

  /** Results for {@code classes} classes, nothing counted yet. */
  public ClassificationMetrics(int classes) {
    if (classes < 1) {
      throw new IllegalArgumentException("a classifier needs classes, not " + classes);
    }
    this.classes = classes;
  }

  /**
   * Counts the first {@code size} rows of a batch.
   *
   * @param logits scores before the softmax, (at least size, classes), row-major from position 0
   * @param labels true class of each row, in [0, classes)
   */
  public void add(FloatBuffer logits, int[] labels, int size) {
    for (int row = 0; row < size; row++) {
      add(logits, row * classes, labels[row]);
    }
  }

  private void add(FloatBuffer logits, int offset, int label) {
    if (label < 0 || label >= classes) {
      throw new IllegalArgumentException("label %d of %d classes".formatted(label, classes));
    }
    int rank = Ranking.rank(logits, offset, classes, label);
    int answer = rank == 0 ? label : Ranking.top(logits, offset, classes, 1)[0];
    samples++;
    lossSum += crossEntropy(logits, offset, label);
    top1 += rank == 0 ? 1 : 0;
    top5 += rank < TOP ? 1 : 0;
    confusion.merge((long) label * classes + answer, 1L, Long::sum);
  }

  /** {@code log(sum(exp(logits))) - logits[label]}, without overflow. */
  private double crossEntropy(FloatBuffer logits, int offset, int label) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < classes; i++) {
      max = Math.max(max, logits.get(offset + i));
    }
    double sum = 0;
    for (int i = 0; i < classes; i++) {
      sum += Math.exp(logits.get(offset + i) - max);
    }
    return max + Math.log(sum) - logits.get(offset + label);
  }

  /** Adds what another rank has counted. */
  public void merge(ClassificationMetrics other) {
    if (other.classes != classes) {
      throw new IllegalArgumentException(
          "results for %d and %d classes".formatted(classes, other.classes));
    }
    samples += other.samples;
    lossSum += other.lossSum;
    top1 += other.top1;
    top5 += other.top5;
    other.confusion.forEach((cell, count) -> confusion.merge(cell, count, Long::sum));
  }

  public int classes() {
    return classes;
  }

  /** Number of samples counted. */
  public long count() {
    return samples;
  }

  /** Mean cross-entropy in nats; NaN before the first sample. */
  public double loss() {
    return lossSum / samples;
  }

  /** Share of samples whose class has the highest score; NaN before the first sample. */
  public double top1() {
    return (double) top1 / samples;
  }

  /** Share of samples whose class is among the five highest scores; NaN before the first sample. */
  public double top5() {
    return (double) top5 / samples;
  }

  /** What was taken for what, so far. */
  public ConfusionMatrix confusion() {
    return new ConfusionMatrix(classes, confusion);
  }

  /** Everything, in a form that {@link #fromJson} reads. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(new Values(classes, samples, lossSum, top1, top5, confusion));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Results that {@link #toJson} wrote, here or on another rank. */
  public static ClassificationMetrics fromJson(String json) {
    try {
      Values values = JSON.readValue(json, Values.class);
      ClassificationMetrics metrics = new ClassificationMetrics(values.classes());
      values.confusion().forEach(metrics::take);
      metrics.samples = values.samples();
      metrics.lossSum = values.lossSum();
      metrics.top1 = values.top1();
      metrics.top5 = values.top5();
      return metrics;
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not classification results: " + e.getMessage(), e);
    }
  }

  private void take(long cell, long count) {
    if (cell < 0 || cell >= (long) classes * classes || count < 1) {
      throw new IllegalArgumentException(
          "not classification results: %d samples at %d of %d classes"
              .formatted(count, cell, classes));
    }
    confusion.put(cell, count);
  }

  private record Values(
      int classes, long samples, double lossSum, long top1, long top5, Map<Long, Long> confusion) {}
}
