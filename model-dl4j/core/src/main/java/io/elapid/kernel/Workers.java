package io.elapid.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bounded number of threads for loops over independent items.
 *
 * <p>Items must not depend on one another or on how they are grouped; then results are the same for
 * any number of threads. The caller is one of the threads. One caller at a time.
 */
public final class Workers implements AutoCloseable {
  /** Below this many elements a loop is done before other threads would have woken up. */
  private static final long WORTH_FORKING = 32_768;

  private final int threads;
  private final ExecutorService pool;

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
    AtomicInteger number = new AtomicInteger();
    this.pool =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(
                threads - 1,
                task -> {
                  Thread thread = new Thread(task, "elapid-kernel-" + number.incrementAndGet());
                  thread.setDaemon(true);
                  return thread;
                });
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
    int parts = Math.min(threads, items);
    if (parts <= 1 || items * elementsPerItem < WORTH_FORKING) {
      body.run(0, items);
      return;
    }
    List<Future<?>> others = new ArrayList<>(parts - 1);
    for (int p = 1; p < parts; p++) {
      int from = bound(items, parts, p);
      int to = bound(items, parts, p + 1);
      others.add(pool.submit(() -> body.run(from, to)));
    }
    RuntimeException failure = null;
    try {
      body.run(0, bound(items, parts, 1));
    } catch (RuntimeException e) {
      failure = e;
    }
    for (Future<?> other : others) {
      failure = join(other, failure);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static int bound(int items, int parts, int part) {
    return (int) ((long) items * part / parts);
  }

  /** Waits even after a failure: no part may still write when the caller goes on. */
  private static RuntimeException join(Future<?> part, RuntimeException failure) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          part.get();
          return failure;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          return failure != null
              ? failure
              : new IllegalStateException("kernel thread failed", e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
  }
}
