package io.elapid.observe.track;

import java.time.Duration;

/** Whether a run has ended, and whether its trackers have had their time after that. */
final class Ending {
  private volatile long deadline;
  private volatile boolean begun;

  void begin(Duration patience) {
    deadline = System.nanoTime() + patience.toNanos();
    begun = true;
  }

  boolean begun() {
    return begun;
  }

  /** What is left of the time after the end. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
  }

  /** Whether the time after the end is over. */
  boolean over() {
    return begun && left().isZero();
  }
}
