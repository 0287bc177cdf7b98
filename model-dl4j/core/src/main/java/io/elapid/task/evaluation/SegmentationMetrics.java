package io.elapid.task.evaluation;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.data.image.LabelMap;
import io.elapid.task.classification.ConfusionMatrix;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * Results of a segmenter: pixels of each class that were taken for each other, added up picture by
 * picture and merged over ranks. Pixels labelled {@link LabelMap#IGNORED} are not looked at. Not
 * safe for use by several threads.
 */
public final class SegmentationMetrics {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES).build();

  private final int classes;
  private final long[] pixels;
  private long pictures;

  /** What a class that is nowhere means for a mean. */
  public enum AbsentClasses {
    /** The mean is over the others, as mmseg calculates it. */
    SKIPPED,
    /** It counts as 0, as the CSAIL toolkit calculates it. */
    ZERO
  }

  /** Results for {@code classes} classes, nothing counted yet. */
  public SegmentationMetrics(int classes) {
    if (classes < 1 || classes > LabelMap.IGNORED) {
      throw new IllegalArgumentException(
          "a segmenter has 1 to %d classes, not %d".formatted(LabelMap.IGNORED, classes));
    }
    this.classes = classes;
    this.pixels = new long[classes * classes];
  }

  /**
   * Counts a picture.
   *
   * @param truth class of each pixel, or {@link LabelMap#IGNORED}: {@linkplain LabelMap#withoutZero
   *     without the zero} that label pictures have
   * @param predicted class of each pixel, of the same size
   */
  public void add(LabelMap truth, LabelMap predicted) {
    if (truth.width() != predicted.width() || truth.height() != predicted.height()) {
      throw new IllegalArgumentException(
          "labels of %d x %d and predictions of %d x %d pixels"
              .formatted(truth.width(), truth.height(), predicted.width(), predicted.height()));
    }
    for (int i = 0; i < truth.values().length; i++) {
      int label = truth.values()[i] & 0xFF;
      if (label != LabelMap.IGNORED) {
        int answer = predicted.values()[i] & 0xFF;
        if (label >= classes || answer >= classes) {
          throw new IllegalArgumentException(
              "label %d, predicted %d, of %d classes".formatted(label, answer, classes));
        }
        pixels[label * classes + answer]++;
      }
    }
    pictures++;
  }

  /** Adds what another rank has counted. */
  public void merge(SegmentationMetrics other) {
    if (other.classes != classes) {
      throw new IllegalArgumentException(
          "results for %d and %d classes".formatted(classes, other.classes));
    }
    pictures += other.pictures;
    Arrays.setAll(pixels, i -> pixels[i] + other.pixels[i]);
  }

  public int classes() {
    return classes;
  }

  /** Number of pictures counted. */
  public long count() {
    return pictures;
  }

  /** What was taken for what, in pixels. */
  public ConfusionMatrix confusion() {
    return ConfusionMatrix.of(classes, pixels);
  }

  /** Pixels of a class that were recognised. */
  public long intersection(int label) {
    return pixels[label * classes + label];
  }

  /** Pixels that are of a class. */
  public long labelled(int label) {
    return Arrays.stream(pixels, label * classes, (label + 1) * classes).sum();
  }

  /** Pixels that were taken for a class. */
  public long predicted(int label) {
    long sum = 0;
    for (int i = label; i < pixels.length; i += classes) {
      sum += pixels[i];
    }
    return sum;
  }

  /** Intersection over union of one class; NaN if no pixel is of it or was taken for it. */
  public double iou(int label) {
    long common = intersection(label);
    return (double) common / (labelled(label) + predicted(label) - common);
  }

  /** Share of a class's pixels that were recognised; NaN if there are none. */
  public double accuracy(int label) {
    return (double) intersection(label) / labelled(label);
  }

  /** Mean of {@link #iou} over classes (mIoU). */
  public double meanIou(AbsentClasses absent) {
    return mean(this::iou, absent);
  }

  /** Mean of {@link #accuracy} over classes (mAcc). */
  public double meanAccuracy(AbsentClasses absent) {
    return mean(this::accuracy, absent);
  }

  private double mean(IntToDoubleFunction value, AbsentClasses absent) {
    double sum = 0;
    int count = 0;
    for (int label = 0; label < classes; label++) {
      double one = value.applyAsDouble(label);
      sum += Double.isNaN(one) ? 0 : one;
      count += Double.isNaN(one) && absent == AbsentClasses.SKIPPED ? 0 : 1;
    }
    return sum / count;
  }

  /** Share of all labelled pixels that were recognised (aAcc); NaN before the first. */
  public double pixelAccuracy() {
    long right = 0;
    for (int label = 0; label < classes; label++) {
      right += intersection(label);
    }
    return (double) right / Arrays.stream(pixels).sum();
  }

  /** Everything, in a form that {@link #fromJson} reads. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(new Values(classes, pictures, pixels));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Results that {@link #toJson} wrote, here or on another rank. */
  public static SegmentationMetrics fromJson(String json) {
    try {
      Values values = JSON.readValue(json, Values.class);
      SegmentationMetrics metrics = new SegmentationMetrics(values.classes());
      if (values.pixels().length != metrics.pixels.length
          || Arrays.stream(values.pixels()).anyMatch(count -> count < 0)) {
        throw new IllegalArgumentException("not segmentation results: wrong counts");
      }
      metrics.pictures = values.pictures();
      System.arraycopy(values.pixels(), 0, metrics.pixels, 0, metrics.pixels.length);
      return metrics;
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not segmentation results: " + e.getMessage(), e);
    }
  }

  private record Values(int classes, long pictures, long[] pixels) {}
}
