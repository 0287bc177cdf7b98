package io.elapid.collective;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Ends what takes too long while the group forms: by closing a socket, by interrupting a thread.
 */
final class Deadlines implements AutoCloseable {
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(body -> Mesh.daemon("elapid-deadlines", body));

  /** Something that happens after a while unless it is stopped before. */
  final class Deadline implements AutoCloseable {
    private final Future<?> pending;
    private final Runnable action;
    private boolean stopped;
    private boolean expired;

    private Deadline(Duration time, Runnable action) {
      this.action = action;
      this.pending = timer.schedule(this::expire, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private synchronized void expire() {
      if (!stopped) {
        expired = true;
        action.run();
      }
    }

    synchronized boolean expired() {
      return expired;
    }

    /** Stops it; if it happens just now, returns after it. */
    @Override
    public synchronized void close() {
      stopped = true;
      pending.cancel(false);
    }
  }

  /** Closes a resource when the time is up. */
  Deadline closing(Duration time, Closeable resource) {
    return new Deadline(
        time,
        () -> {
          try {
            resource.close();
          } catch (IOException e) {
            // Closed is closed.
          }
        });
  }

  /**
   * Calls, and interrupts the calling thread when the time is up.
   *
   * @param late the message of the exception that is thrown then
   */
  <T> T interrupting(Duration time, Supplier<T> call, String late) {
    Deadline deadline = new Deadline(time, Thread.currentThread()::interrupt);
    try {
      return call.get();
    } catch (RuntimeException e) {
      deadline.close();
      if (deadline.expired()) {
        throw new CollectiveException(late, e);
      }
      throw e;
    } finally {
      deadline.close();
      if (deadline.expired()) {
        Thread.interrupted();
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
