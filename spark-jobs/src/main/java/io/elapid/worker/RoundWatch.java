package io.elapid.worker;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Ends Spark's jobs of a round in which a rank has failed, before Spark tries the rank again and
 * again, of which nothing is heard any more, or which nobody wants any more.
 */
final class RoundWatch implements AutoCloseable {
  private static final long LOOK_MILLIS = 200;

  private final RoundBook book;
  private final Duration limit;
  private final BooleanSupplier unwanted;
  private final Runnable cancel;
  private final long start = System.nanoTime();
  private final Thread thread = new Thread(this::watch, "elapid-round");
  private volatile boolean late;
  private volatile boolean dropped;
  private volatile boolean closed;

  /**
   * Starts to watch.
   *
   * @param limit longest silence
   * @param unwanted whether the jobs are to end, however far they are
   * @param cancel ends the jobs
   */
  RoundWatch(RoundBook book, Duration limit, BooleanSupplier unwanted, Runnable cancel) {
    this.book = book;
    this.limit = limit;
    this.unwanted = unwanted;
    this.cancel = cancel;
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    while (!closed) {
      late = System.nanoTime() - Math.max(start, book.heard()) > limit.toNanos();
      dropped |= unwanted.getAsBoolean();
      if (late || dropped || book.failed()) {
        cancel.run();
      }
      try {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Whether the jobs were ended because nobody wanted them any more. */
  boolean dropped() {
    return dropped;
  }

  /** What a failure of the jobs comes from: silence, or else what Spark says. */
  Exception cause(Exception failure) {
    return late
        ? new DeadlineException(
            "no rank has been heard of for longer than cluster.slots-timeout + step-timeout = %d s"
                .formatted(limit.toSeconds()),
            failure)
        : failure;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
