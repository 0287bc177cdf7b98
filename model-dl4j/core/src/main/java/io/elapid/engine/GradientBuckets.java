package io.elapid.engine;

import io.elapid.graph.Slot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.ToIntFunction;

/**
 * Stretches of the gradient vector that are complete long before the step ends: the backward pass
 * finishes the last layers first. Whoever sums gradients over ranks can begin with those.
 *
 * @param buckets in the order in which they are complete; together all gradients
 */
record GradientBuckets(List<Bucket> buckets) {

  /**
   * A stretch.
   *
   * @param from first element
   * @param to end, exclusive
   * @param lastStep step of the program that writes the last of it
   */
  record Bucket(int from, int to, int lastStep) {}

  /**
   * Groups neighbouring parameters.
   *
   * @param slots all parameters, in the order of the vector
   * @param lastStep step that writes a parameter's gradient
   * @param elements least size of a bucket; the one that reaches the front may be smaller
   */
  static GradientBuckets of(List<Slot> slots, ToIntFunction<Slot> lastStep, long elements) {
    List<Bucket> buckets = new ArrayList<>();
    long end = -1;
    int last = 0;
    for (int i = slots.size() - 1; i >= 0; i--) {
      Slot slot = slots.get(i);
      if (end < 0) {
        end = slot.offset() + slot.length();
        last = 0;
      }
      last = Math.max(last, lastStep.applyAsInt(slot));
      if (i == 0 || end - slot.offset() >= elements) {
        buckets.add(new Bucket(Math.toIntExact(slot.offset()), Math.toIntExact(end), last));
        end = -1;
      }
    }
    buckets.sort(Comparator.comparingInt(Bucket::lastStep));
    return new GradientBuckets(Collections.unmodifiableList(buckets));
  }

  /** What to call after each step of a run so that {@code listener} hears of every bucket. */
  IntConsumer telling(GradientListener listener) {
    return new IntConsumer() {
      private int next;

      @Override
      public void accept(int step) {
        while (next < buckets.size() && buckets.get(next).lastStep() <= step) {
          listener.ready(buckets.get(next).from(), buckets.get(next).to());
          next++;
        }
      }
    };
  }
}
