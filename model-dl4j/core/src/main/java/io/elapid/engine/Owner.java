package io.elapid.engine;

/** Holds ND4J work to the thread that began it: M2.1 crashes or hangs when several take part. */
final class Owner {
  private final Thread thread = Thread.currentThread();

  void check() {
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "made on thread '%s' but used on '%s': one thread owns ND4J"
              .formatted(thread.getName(), Thread.currentThread().getName()));
    }
  }
}
