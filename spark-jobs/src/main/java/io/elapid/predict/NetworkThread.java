package io.elapid.predict;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The one thread that a network belongs to; others wait for what it computes. */
final class NetworkThread {
  private static final long LONGEST_WAIT_MINUTES = 30;

  private final ExecutorService owner = Executors.newSingleThreadExecutor(NetworkThread::thread);

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "elapid-predictor");
    thread.setDaemon(true);
    return thread;
  }

  /** Computes there, after all that was asked for before. */
  <T> T computed(Callable<T> work) {
    try {
      return owner.submit(work).get(LONGEST_WAIT_MINUTES, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "no answer within %d minutes".formatted(LONGEST_WAIT_MINUTES), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the network computes", e);
    }
  }

  /** Ends it at once. */
  void abandon() {
    owner.shutdownNow();
  }

  /** Waits for what is under way, does the last thing there, and ends it. Any number of calls. */
  void end(Runnable last) {
    if (owner.isShutdown()) {
      return;
    }
    owner.execute(last);
    owner.shutdown();
    try {
      if (!owner.awaitTermination(LONGEST_WAIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalStateException("the network still computes");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
