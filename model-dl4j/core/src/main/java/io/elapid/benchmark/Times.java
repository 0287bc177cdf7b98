package io.elapid.benchmark;

import java.util.Arrays;

/**
 * Durations of repeated runs.
 *
 * @param nanos ascending
 */
public record Times(long[] nanos) {
  /** Keeps a sorted copy; at least one duration. */
  public Times {
    if (nanos.length == 0) {
      throw new IllegalArgumentException("no durations");
    }
    nanos = nanos.clone();
    Arrays.sort(nanos);
  }

  /** The median in nanoseconds: the lower of the two in the middle. */
  public long median() {
    return percentile(50);
  }

  /** The smallest duration that {@code percent} of all runs did not exceed (nearest rank). */
  public long percentile(int percent) {
    if (percent < 1 || percent > 100) {
      throw new IllegalArgumentException("no percentile: " + percent);
    }
    int rank = (int) Math.ceil(percent / 100.0 * nanos.length);
    return nanos[rank - 1];
  }

  /** The shortest. */
  public long best() {
    return nanos[0];
  }
}
