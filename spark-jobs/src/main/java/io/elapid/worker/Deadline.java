package io.elapid.worker;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls that may never come back, such as those to a file system whose servers have stopped, with a
 * time after which they are given up.
 */
public final class Deadline {
  private Deadline() {}

  /**
   * Calls on a thread of its own and waits for the result.
   *
   * @param what is being done, for the message: "reading the checkpoint X"
   * @param setting that the time comes from, for the message
   * @throws DeadlineException when the time is up; the call is interrupted and left to itself
   */
  public static <T> T call(Duration time, String what, String setting, Callable<T> body)
      throws Exception {
    FutureTask<T> task = start(body);
    try {
      return task.get(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw late(time, what, setting, e);
    } catch (ExecutionException e) {
      throw cause(e);
    } finally {
      task.cancel(true);
    }
  }

  /** As {@link #call}, but who interrupts the calling thread is heard only afterwards. */
  public static <T> T insist(Duration time, String what, String setting, Callable<T> body)
      throws Exception {
    long end = System.nanoTime() + time.toNanos();
    FutureTask<T> task = start(body);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (TimeoutException e) {
      throw late(time, what, setting, e);
    } catch (ExecutionException e) {
      throw cause(e);
    } finally {
      task.cancel(true);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static <T> FutureTask<T> start(Callable<T> body) {
    FutureTask<T> task = new FutureTask<>(body);
    Thread thread = new Thread(task, "elapid-deadline");
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  private static DeadlineException late(
      Duration time, String what, String setting, TimeoutException cause) {
    return new DeadlineException(
        "%s took longer than %s = %d s".formatted(what, setting, time.toSeconds()), cause);
  }

  private static Exception cause(ExecutionException failed) {
    return failed.getCause() instanceof Exception cause ? cause : failed;
  }
}
