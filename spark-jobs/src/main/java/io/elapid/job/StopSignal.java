package io.elapid.job;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.hadoop.util.ShutdownHookManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a run end in order when the process is told to end (SIGTERM): Spark is kept up until the run
 * has saved its state and {@link #close} is called. Where there is nothing to save, as while a run
 * waits for its executors, the process is not kept from ending for longer than a moment.
 */
final class StopSignal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

  /** Before Spark's own, which has 40. */
  private static final int PRIORITY = 90;

  /** What a run with nothing to save gets to give back what it holds. */
  private static final Duration MOMENT = Duration.ofSeconds(5);

  private final Runnable hook = this::stop;
  private final Duration patience;
  private final Consumer<String> say;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean requested;
  private boolean training;

  /** The time in which a run has something to save. */
  interface Training extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Starts to listen.
   *
   * @param patience how long a process with something to save may take to end
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

  /**
   * From now on there is something to save, until what this returns is closed.
   *
   * @param last what the run ends with if the process is to end already
   */
  synchronized Training begin(Supplier<RunStoppedException> last) {
    if (requested) {
      throw last.get();
    }
    training = true;
    return this::pause;
  }

  private synchronized void pause() {
    training = false;
  }

  private synchronized boolean request() {
    requested = true;
    return training;
  }

  /** Is called when the process is to end, and returns when it may. */
  void stop() {
    boolean saves = request();
    say.accept("train: told to end" + (saves ? ": saving a checkpoint" : ""));
    Duration limit = saves ? patience : MOMENT;
    try {
      if (!ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the run did not stop within {} s", limit.toSeconds());
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
