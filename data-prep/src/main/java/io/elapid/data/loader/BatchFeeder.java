package io.elapid.data.loader;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The background side of a loader: one thread that reads encoded samples in order, and workers that
 * decode them. At most {@code prefetch} batches are under way or waiting.
 */
final class BatchFeeder<B> {
  private static final Logger LOG = LoggerFactory.getLogger(BatchFeeder.class);
  private static final long CLOSE_SECONDS = 10;

  private final SplitFiles files;
  private final BatchPlan plan;
  private final BatchMaker<B> maker;
  private final Semaphore room;
  private final BlockingQueue<CompletableFuture<PendingBatch.Result<B>>> queue =
      new LinkedBlockingQueue<>();
  private final ExecutorService workers;
  private final Thread reader;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private volatile String state = "not started";

  BatchFeeder(
      String split, Background background, SplitFiles files, BatchPlan plan, BatchMaker<B> maker) {
    this.files = files;
    this.plan = plan;
    this.maker = maker;
    this.room = new Semaphore(background.prefetch());
    AtomicInteger number = new AtomicInteger();
    this.workers =
        Executors.newFixedThreadPool(
            background.threads(),
            task -> daemon(task, "elapid-decode-" + split + "-" + number.incrementAndGet()));
    this.reader = daemon(this::read, "elapid-read-" + split);
  }

  private Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    threads.add(thread);
    return thread;
  }

  void start() {
    reader.start();
  }

  boolean isTraining() {
    return plan instanceof BatchPlan.Training;
  }

  /** What the reading thread is doing, for a message. */
  String state() {
    return state;
  }

  /** The next batch in order, or null if there is none within {@code nanos}. */
  CompletableFuture<PendingBatch.Result<B>> poll(long nanos) throws InterruptedException {
    CompletableFuture<PendingBatch.Result<B>> batch = queue.poll(nanos, TimeUnit.NANOSECONDS);
    if (batch != null) {
      room.release();
    }
    return batch;
  }

  private void read() {
    try (files) {
      boolean more = true;
      while (more) {
        state = "waiting for the consumer";
        room.acquire();
        state = "reading shards";
        more = enqueue(plan.next());
      }
      state = "at the end";
    } catch (InterruptedException e) {
      state = "stopped";
    } catch (Throwable e) {
      state = "failed";
      queue.add(CompletableFuture.failedFuture(e));
    }
  }

  private boolean enqueue(BatchPlan.Encoded encoded) {
    if (encoded == null) {
      queue.add(CompletableFuture.completedFuture(null));
      return false;
    }
    PendingBatch<B> batch = new PendingBatch<>(encoded, maker.begin(encoded));
    queue.add(batch.result());
    batch.start(workers);
    return true;
  }

  /** Returns when the threads are gone, or with a warning when they do not go. */
  void close() {
    reader.interrupt();
    workers.shutdownNow();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
    try {
      for (Thread thread : threads) {
        // At least a millisecond: joining for zero would be for ever.
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        thread.join(Math.max(1, left));
        if (thread.isAlive()) {
          LOG.warn("{} is still busy {} s after closing", thread.getName(), CLOSE_SECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
