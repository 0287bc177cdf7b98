package io.elapid.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A bounded number of threads for loops over independent items.
 *
 * <p>Items must not depend on one another or on how they are grouped; then results are the same for
 * any number of threads. The caller is one of the threads. One caller at a time.
 */
public final class Workers implements AutoCloseable {
  /** Below this many elements a loop is done before other threads would have woken up. */
  private static final long WORTH_FORKING = 16_384;

  /**
   * How often a waiting thread looks again before it sleeps: some tens of microseconds, in which
   * the next loop of a step has mostly begun. Waking a thread takes as long.
   */
  private static final int PATIENCE = 2_000;

  private final int threads;
  private final List<Helper> helpers = new ArrayList<>();
  private volatile SharedLoop loop;
  private volatile boolean closed;

  /** A part of a loop: items {@code from} (inclusive) to {@code to} (exclusive). */
  @FunctionalInterface
  public interface Range {
    void run(int from, int to);
  }

  public Workers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
    this.threads = threads;
    for (int i = 1; i < threads; i++) {
      Helper helper = new Helper(i);
      helpers.add(helper);
      helper.thread.start();
    }
  }

  /** Number of threads, the caller included. */
  public int threads() {
    return threads;
  }

  /**
   * Runs {@code body} over all of {@code [0, items)} and returns when everything is done.
   *
   * @param elementsPerItem about how many numbers one item touches; decides whether forking is
   *     worth it
   */
  public void forEach(int items, long elementsPerItem, Range body) {
    int shares = Math.min(threads, items);
    if (shares <= 1 || items * elementsPerItem < WORTH_FORKING) {
      body.run(0, items);
      return;
    }
    SharedLoop shared = new SharedLoop(items, shares, body);
    loop = shared;
    helpers.forEach(Helper::wake);
    shared.work(0);
    await(shared);
    loop = null;
    shared.rethrow();
  }

  /** Waits even after a failure: no part may still write when the caller goes on. */
  private static void await(SharedLoop shared) {
    boolean interrupted = false;
    for (int looks = 0; !shared.isDone(); looks++) {
      if (looks < PATIENCE) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(shared);
        interrupted |= Thread.interrupted();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    helpers.forEach(Helper::wake);
  }

  /** A thread that joins the loops of the caller. */
  private final class Helper implements Runnable {
    private final int number;
    private final Thread thread;
    private volatile boolean asleep;

    Helper(int number) {
      this.number = number;
      thread = new Thread(this, "elapid-kernel-" + number);
      thread.setDaemon(true);
    }

    void wake() {
      if (asleep) {
        LockSupport.unpark(thread);
      }
    }

    @Override
    public void run() {
      int looks = 0;
      while (!closed) {
        if (joined()) {
          looks = 0;
        } else if (looks++ < PATIENCE) {
          Thread.onSpinWait();
        } else {
          sleep();
          looks = 0;
        }
      }
    }

    private boolean joined() {
      SharedLoop shared = loop;
      return shared != null && shared.work(number);
    }

    /** Says so first: who begins a loop or closes after that sees it and wakes this thread. */
    private void sleep() {
      asleep = true;
      if (!closed && !joined()) {
        LockSupport.park(this);
      }
      asleep = false;
    }
  }
}
