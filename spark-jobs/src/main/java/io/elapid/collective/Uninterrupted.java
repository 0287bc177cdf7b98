package io.elapid.collective;

/** Waits that an interrupt does not cut short: a task that is killed should still say goodbye. */
final class Uninterrupted {

  /** Something that waits for at most the given time. */
  interface Wait {
    void await(long nanos) throws InterruptedException;
  }

  private Uninterrupted() {}

  /** Waits, again after every interrupt, and leaves the thread interrupted if it was. */
  static void wait(long nanos, Wait wait) {
    long end = System.nanoTime() + nanos;
    boolean interrupted = Thread.interrupted();
    while (true) {
      try {
        wait.await(end - System.nanoTime());
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
