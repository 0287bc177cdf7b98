package io.elapid.checkpoint;

import java.util.List;

/**
 * Which checkpoints outlive the next one.
 *
 * @param last how many of the newest, at least 1
 * @param best one more for each of these, if it is not among the newest
 */
public record Retention(int last, List<Best> best) {
  public Retention {
    if (last < 1) {
      throw new IllegalArgumentException("at least the newest checkpoint must be kept");
    }
    best = List.copyOf(best);
  }

  /** The checkpoint with the best value of a metric; those without that metric do not count. */
  public record Best(String metric, Order order) {}

  /** What is better. */
  public enum Order {
    HIGHEST,
    LOWEST
  }

  /** The newest {@code count}, whatever their results. */
  public static Retention newest(int count) {
    return new Retention(count, List.of());
  }

  /** The newest {@code count} and the one with the highest value of {@code metric}. */
  public static Retention newestAndHighest(int count, String metric) {
    return new Retention(count, List.of(new Best(metric, Order.HIGHEST)));
  }
}
