package io.elapid.chaos;

import java.time.Duration;
import java.util.Locale;

/**
 * What a fault has cost a run.
 *
 * @param starts attempts at the run, the first one included
 * @param stepsLost that had to be done again, over all restarts
 * @param mostLost at one restart
 * @param stopping longest time from a fault to the driver's verdict, with no rank at work any more;
 *     zero where no rank has met one
 */
record Recovery(int starts, long stepsLost, long mostLost, Duration stopping) {
  static final Recovery NONE = new Recovery(1, 0, 0, Duration.ZERO);

  Recovery and(Recovery other) {
    return new Recovery(
        starts + other.starts,
        stepsLost + other.stepsLost,
        Math.max(mostLost, other.mostLost),
        stopping.compareTo(other.stopping) > 0 ? stopping : other.stopping);
  }

  /** A dash where no rank has met a fault. */
  String stoppingText() {
    return stopping.isZero()
        ? "-"
        : String.format(Locale.ROOT, "%.1f s", stopping.toMillis() / 1000.0);
  }
}
