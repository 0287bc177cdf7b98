package io.elapid.worker;

import java.util.EnumMap;
import java.util.Map;

/** Adds up how long a rank spends in each phase. Used by the one thread that trains. */
final class PhaseClock {
  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private Listener listener = (phase, start, nanos) -> {};
  private Phase current = Phase.START;
  private long since = System.nanoTime();

  /** Is told of every stay in a phase when it is over. */
  @FunctionalInterface
  interface Listener {
    /** A stay that began at {@code start} as {@link System#nanoTime()} counts. */
    void left(Phase phase, long start, long nanos);
  }

  /** Sets who is told. */
  void listen(Listener told) {
    listener = told;
  }

  /** Ends the current phase and starts {@code next}. */
  void enter(Phase next) {
    long now = System.nanoTime();
    nanos.merge(current, now - since, Long::sum);
    listener.left(current, since, now - since);
    current = next;
    since = now;
  }

  /** Ends this stay in the current phase and begins another. */
  void cut() {
    enter(current);
  }

  Phase current() {
    return current;
  }

  /** Seconds spent in a phase so far, not counting the present stay. */
  double seconds(Phase phase) {
    return nanos.getOrDefault(phase, 0L) / 1e9;
  }
}
