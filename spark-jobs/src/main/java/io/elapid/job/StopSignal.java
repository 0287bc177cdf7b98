package io.elapid.job;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.util.ShutdownHookManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a run end in order when the process is told to end (SIGTERM): Spark is kept up until the run
 * has saved its state and {@link #close} is called.
 */
final class StopSignal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

  /** Before Spark's own, which has 40. */
  private static final int PRIORITY = 90;

  private final Runnable hook = this::stop;
  private final Duration patience;
  private final Consumer<String> say;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean requested;

  /**
   * Starts to listen.
   *
   * @param patience how long the process may take to end
   */
  StopSignal(Duration patience, Consumer<String> say) {
    this.patience = patience;
    this.say = say;
    ShutdownHookManager.get()
        .addShutdownHook(hook, PRIORITY, patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether the process is to end. */
  boolean requested() {
    return requested;
  }

  private void stop() {
    requested = true;
    say.accept("train: told to end: saving a checkpoint");
    try {
      if (!ended.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the run did not stop within {} s", patience.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ended.countDown();
    if (!ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
  }
}
