package io.elapid.observe.track;

import java.time.Duration;

/** Whether a run has ended, and how long its trackers still have. */
final class Ending {
  /** Stands for as long as need be, while the run goes on. */
  private static final Duration LONG = Duration.ofDays(1);

  private volatile long deadline;
  private volatile boolean begun;

  void begin(Duration patience) {
    deadline = System.nanoTime() + patience.toNanos();
    begun = true;
  }

  boolean begun() {
    return begun;
  }

  /** Not negative; zero when the time is over. */
  Duration left() {
    return begun ? Duration.ofNanos(Math.max(0, deadline - System.nanoTime())) : LONG;
  }
}
