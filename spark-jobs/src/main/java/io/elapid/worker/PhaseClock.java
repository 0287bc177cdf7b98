package io.elapid.worker;

import java.util.EnumMap;
import java.util.Map;

/** Adds up how long a rank spends in each phase. Used by the one thread that trains. */
final class PhaseClock {
  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private Phase current = Phase.START;
  private long since = System.nanoTime();

  /** Ends the current phase and starts {@code next}. */
  void enter(Phase next) {
    long now = System.nanoTime();
    nanos.merge(current, now - since, Long::sum);
    current = next;
    since = now;
  }

  Phase current() {
    return current;
  }

  /** Seconds spent in a phase so far, not counting the present stay. */
  double seconds(Phase phase) {
    return nanos.getOrDefault(phase, 0L) / 1e9;
  }
}
