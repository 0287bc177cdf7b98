package io.elapid.data.loader;

import io.elapid.data.augment.Outcome;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.image.Size;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The few padded sizes that batches come in, so that a network is compiled a few times only. Chosen
 * from the sizes of all pictures: starting with every size that a picture may come out of the
 * transforms with, the two whose union costs the least padding become one until few are left.
 *
 * @param sizes by area
 */
public record FrameSizes(List<Size> sizes) {
  /** Above this many different sizes, neighbours are rounded to one before the search. */
  private static final int SEARCHED = 160;

  /** Wide, tall, and both in one batch. */
  private static final int BOUNDS = 3;

  public FrameSizes {
    List<Size> sorted = new ArrayList<>(sizes);
    sorted.sort(Comparator.comparingLong(Size::area).thenComparingInt(Size::width));
    sizes = List.copyOf(sorted);
  }

  /**
   * Chooses frames.
   *
   * @param pictures how many have which size
   * @param samples of a batch; of several, the frames have to hold any that come together
   * @param most frames, at least one
   */
  static FrameSizes choose(Map<Size, Long> pictures, Pipeline pipeline, int samples, int most) {
    Map<Size, Double> weights = new HashMap<>();
    pictures.forEach(
        (size, count) -> {
          List<Outcome> outcomes = pipeline.outcomes(size);
          outcomes.forEach(
              o -> weights.merge(o.size(), (double) count / outcomes.size(), Double::sum));
        });
    if (samples == 1) {
      return new FrameSizes(merged(weights, most));
    }
    List<Size> bounds = bounds(weights.keySet().stream().toList());
    if (most < BOUNDS) {
      return new FrameSizes(List.of(bounds.get(bounds.size() - 1)));
    }
    List<Size> frames = new ArrayList<>(merged(weights, Math.max(1, most - BOUNDS)));
    bounds.stream().filter(bound -> !frames.contains(bound)).forEach(frames::add);
    return new FrameSizes(frames);
  }

  /** What holds all wide ones, all others, and the whole lot, which comes last. */
  private static List<Size> bounds(List<Size> all) {
    List<Size> bounds = new ArrayList<>();
    for (Predicate<Size> some :
        List.<Predicate<Size>>of(s -> s.width() >= s.height(), s -> s.width() < s.height())) {
      all.stream().filter(some).reduce(Size::union).ifPresent(bounds::add);
    }
    all.stream().reduce(Size::union).filter(s -> !bounds.contains(s)).ifPresent(bounds::add);
    return bounds;
  }

  private static List<Size> merged(Map<Size, Double> weights, int most) {
    Map<Size, Double> rounded = weights;
    for (int divisor = 2; rounded.size() > SEARCHED; divisor *= 2) {
      Map<Size, Double> coarser = new HashMap<>();
      for (Map.Entry<Size, Double> entry : weights.entrySet()) {
        coarser.merge(entry.getKey().roundedUp(divisor), entry.getValue(), Double::sum);
      }
      rounded = coarser;
    }
    List<Frame> frames = new ArrayList<>();
    rounded.forEach((size, weight) -> frames.add(new Frame(size, weight)));
    // The result must not depend on the order of a hash table.
    frames.sort(
        Comparator.comparingInt((Frame f) -> f.size.width()).thenComparing(f -> f.size.height()));
    while (frames.size() > most) {
      mergeCheapest(frames);
    }
    return frames.stream().map(Frame::size).distinct().toList();
  }

  /** A size and how many pictures are padded to it. */
  private record Frame(Size size, double weight) {
    Frame with(Frame other) {
      return new Frame(size.union(other.size), weight + other.weight);
    }

    double cost() {
      return weight * size.area();
    }
  }

  private static void mergeCheapest(List<Frame> frames) {
    int first = 0;
    int second = 1;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < frames.size(); i++) {
      for (int j = i + 1; j < frames.size(); j++) {
        Frame one = frames.get(i);
        Frame other = frames.get(j);
        double added = one.with(other).cost() - one.cost() - other.cost();
        if (added < least) {
          least = added;
          first = i;
          second = j;
        }
      }
    }
    frames.set(first, frames.get(first).with(frames.remove(second)));
  }

  /**
   * The smallest frame that holds a size.
   *
   * @throws IllegalStateException if none does
   */
  Size of(Size needed) {
    return sizes.stream()
        .filter(frame -> frame.holds(needed))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no frame of " + sizes + " holds " + needed));
  }

  /** The most pixels of a frame. */
  long area() {
    return sizes.get(sizes.size() - 1).area();
  }
}
