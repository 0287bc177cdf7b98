package io.elapid.engine;

import io.elapid.graph.Slot;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the gradient of a layer's parameters is distributed: one bucket for each power of two and
 * sign.
 *
 * @param layer the module that the parameters belong to
 * @param count elements
 * @param min smallest of them
 * @param max largest of them
 * @param sum of them
 * @param squares sum of their squares
 * @param limits upper ends of the buckets, ascending
 * @param buckets elements in each
 */
public record GradientHistogram(
    String layer,
    long count,
    double min,
    double max,
    double sum,
    double squares,
    List<Double> limits,
    List<Long> buckets) {
  public GradientHistogram {
    limits = List.copyOf(limits);
    buckets = List.copyOf(buckets);
  }

  /**
   * One histogram for each layer, in the order of the parameters.
   *
   * @param gradients of all parameters, one after the other
   * @param scale what each is multiplied by
   */
  static List<GradientHistogram> of(List<Slot> parameters, FloatBuffer gradients, double scale) {
    Map<String, Counter> layers = new LinkedHashMap<>();
    for (Slot slot : parameters) {
      Counter counter = layers.computeIfAbsent(layer(slot.name()), name -> new Counter());
      int end = Math.toIntExact(slot.offset() + slot.length());
      for (int i = Math.toIntExact(slot.offset()); i < end; i++) {
        counter.add(gradients.get(i) * scale);
      }
    }
    List<GradientHistogram> all = new ArrayList<>();
    layers.forEach((name, counter) -> all.add(counter.histogram(name)));
    return all;
  }

  private static String layer(String tensor) {
    int dot = tensor.lastIndexOf('.');
    return dot < 0 ? tensor : tensor.substring(0, dot);
  }

  /** Counts of one layer; a bucket is found from the number's own exponent. */
  private static final class Counter {
    /** What is smaller counts as zero. */
    private static final int LOWEST = -40;

    private static final int HIGHEST = 20;
    private static final int SIDE = HIGHEST - LOWEST + 1;

    private final long[] counts = new long[2 * SIDE + 1];
    private long count;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;
    private double sum;
    private double squares;

    void add(double value) {
      count++;
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
      squares += value * value;
      counts[bucket(value)]++;
    }

    private static int bucket(double value) {
      int exponent = Math.getExponent(value);
      if (exponent < LOWEST) {
        return SIDE;
      }
      int step = Math.min(exponent, HIGHEST) - LOWEST + 1;
      return value < 0 ? SIDE - step : SIDE + step;
    }

    /** The bucket's upper end; the outermost ones are as wide as what is in them. */
    private double limit(int bucket) {
      int step = Math.abs(bucket - SIDE);
      if (bucket < SIDE) {
        return -Math.scalb(1.0, LOWEST + step - 1);
      }
      double limit = Math.scalb(1.0, LOWEST + step);
      return step == SIDE ? Math.max(limit, max) : limit;
    }

    GradientHistogram histogram(String layer) {
      int first = 0;
      int last = counts.length - 1;
      while (first < last && counts[first] == 0) {
        first++;
      }
      while (last > first && counts[last] == 0) {
        last--;
      }
      List<Double> limits = new ArrayList<>();
      List<Long> buckets = new ArrayList<>();
      for (int bucket = first; bucket <= last; bucket++) {
        limits.add(limit(bucket));
        buckets.add(counts[bucket]);
      }
      return new GradientHistogram(layer, count, min, max, sum, squares, limits, buckets);
    }
  }
}
