package io.elapid.task.evaluation;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well objects were found.
 *
 * <p>{@link #ABSENT} stands wherever there was nothing to be found.
 *
 * @param numbers the twelve
 * @param classes by index; a single one if classes were {@linkplain ClassGrouping#ALL_TOGETHER not
 *     looked at}
 */
public record CocoResults(
    IouType type,
    DetectionLimits limits,
    long pictures,
    Map<CocoMetric, Double> numbers,
    List<ClassResult> classes) {
  /** The value of a measure of nothing. */
  public static final double ABSENT = -1;

  public CocoResults {
    numbers = new EnumMap<>(numbers);
    classes = List.copyOf(classes);
  }

  public double value(CocoMetric metric) {
    return numbers.get(metric);
  }

  /** The twelve numbers by the names that papers give them, in the usual order. */
  public Map<String, Double> named() {
    Map<String, Double> named = new LinkedHashMap<>();
    numbers.forEach((metric, value) -> named.put(metric.label(limits), value));
    return named;
  }

  /**
   * Mean precision over the classes that have objects.
   *
   * @param t index of the overlap, 0.5 + 0.05 t
   * @return for each of 101 recalls from 0 to 1; all {@link #ABSENT} if there are no objects at all
   */
  public double[] precision(int t) {
    double[] mean = new double[Thresholds.RECALLS];
    int present = 0;
    for (ClassResult one : classes) {
      if (one.objects() > 0) {
        present++;
        for (int r = 0; r < mean.length; r++) {
          mean[r] += one.precision()[t][r];
        }
      }
    }
    for (int r = 0; r < mean.length; r++) {
      mean[r] = present == 0 ? ABSENT : mean[r] / present;
    }
    return mean;
  }

  /** The recalls that {@link #precision} belongs to. */
  public static double[] recalls() {
    double[] recalls = new double[Thresholds.RECALLS];
    for (int r = 0; r < recalls.length; r++) {
      recalls[r] = Thresholds.recall(r);
    }
    return recalls;
  }

  /**
   * One class, objects of all sizes, at the last limit.
   *
   * @param objects that were to be found
   * @param ap mean over overlaps and recalls
   * @param apPerIou for each overlap from 0.5 in steps of 0.05
   * @param recallPerIou the share of objects that was found, likewise
   * @param precision by overlap and recall, not copied
   */
  public record ClassResult(
      long objects, double ap, double[] apPerIou, double[] recallPerIou, double[][] precision) {}
}
