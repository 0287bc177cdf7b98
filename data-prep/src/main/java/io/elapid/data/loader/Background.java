package io.elapid.data.loader;

import java.time.Duration;

/**
 * What a loader may use and bear, whatever it loads.
 *
 * @param threads that decode
 * @param prefetch batches that are worked on ahead of the consumer
 * @param timeout the longest that one call of next() may take
 * @param maxCorrupt different samples that may turn out unreadable before loading gives up
 */
public record Background(int threads, int prefetch, Duration timeout, int maxCorrupt) {
  public Background {
    Positive.check("threads", threads);
    Positive.check("prefetch", prefetch);
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout must be positive, not " + timeout);
    }
    if (maxCorrupt < 0) {
      throw new IllegalArgumentException("maxCorrupt must not be negative: " + maxCorrupt);
    }
  }
}
