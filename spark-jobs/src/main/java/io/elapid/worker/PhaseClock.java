package io.elapid.worker;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Adds up how long a rank spends in each phase. Belongs to the one thread that trains; others may
 * ask what it does now and has done so far.
 */
final class PhaseClock {
  private final Map<Phase, Long> nanos = new ConcurrentHashMap<>();
  private Listener listener = (phase, start, nanos) -> {};
  private Runnable guard = () -> {};
  private volatile Stay stay = new Stay(Phase.START, System.nanoTime());

  private record Stay(Phase phase, long since) {}

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

  /** Sets what is called on the way into every phase; what it throws ends the work. */
  void guard(Runnable gate) {
    guard = gate;
  }

  /** Ends the current phase and starts {@code next}. */
  void enter(Phase next) {
    long now = System.nanoTime();
    Stay left = stay;
    nanos.merge(left.phase(), now - left.since(), Long::sum);
    listener.left(left.phase(), left.since(), now - left.since());
    stay = new Stay(next, now);
    guard.run();
  }

  /** Ends this stay in the current phase and begins another. */
  void cut() {
    enter(current());
  }

  Phase current() {
    return stay.phase();
  }

  /** Throws what would keep the work from entering another phase. */
  void check() {
    guard.run();
  }

  /** How long the present stay has lasted. */
  Duration stay() {
    return Duration.ofNanos(System.nanoTime() - stay.since());
  }

  /** Seconds spent in a phase so far, not counting the present stay. */
  double seconds(Phase phase) {
    return nanos.getOrDefault(phase, 0L) / 1e9;
  }
}
