package io.elapid.worker;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread of an executor that outlives the tasks, and the rank that trains on it: networks belong
 * to one thread, and Spark runs the tasks of a rank on whichever it has.
 */
final class Seat {
  private static final Logger LOG = LoggerFactory.getLogger(Seat.class);

  /** How long a seat that no task takes keeps its memory. */
  private static final long PATIENCE_SECONDS = 120;

  private final RoundRank rank;
  private final Predicate<Seat> vacate;
  private final BlockingQueue<Job<?>> jobs = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::live, "elapid-seat");
  private volatile boolean leaving;

  /** Work on the seat's thread. */
  @FunctionalInterface
  interface Work<T> {
    T with(RoundRank rank) throws Exception;
  }

  /** Work whose end can be waited for even when it has been given up. */
  private static final class Job<T> extends FutureTask<T> {
    private final CountDownLatch over = new CountDownLatch(1);

    Job(Work<T> work, RoundRank rank) {
      super(() -> work.with(rank));
    }

    @Override
    public void run() {
      try {
        super.run();
      } finally {
        over.countDown();
      }
    }
  }

  /**
   * @param vacate asked when no task has come for a while; whether none will come any more
   */
  Seat(RoundRank rank, Predicate<Seat> vacate) {
    this.rank = rank;
    this.vacate = vacate;
    thread.setDaemon(true);
    thread.start();
  }

  /** Where the rank of the last task is; belongs to whoever has taken the seat. */
  RoundRank rank() {
    return rank;
  }

  /**
   * Does the work and waits for it. A task that is cancelled meanwhile stays until the work has
   * come to its end: its slot must not be given away before.
   */
  <T> T call(Work<T> work) throws Exception {
    Job<T> job = new Job<>(work, rank);
    jobs.add(job);
    try {
      return job.get();
    } catch (InterruptedException e) {
      thread.interrupt();
      awaitUninterruptibly(job.over);
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static void awaitUninterruptibly(CountDownLatch over) {
    while (over.getCount() > 0) {
      try {
        over.await();
      } catch (InterruptedException e) {
        // Spark says it again and again, and has the executor replaced in the end
      }
    }
  }

  /** Gives the seat up; what it holds is freed when its work has come to an end. */
  void leave() {
    leaving = true;
    thread.interrupt();
  }

  private void live() {
    try (rank) {
      while (!leaving) {
        work();
      }
    } catch (Exception e) {
      LOG.warn("a rank could not be closed: {}", e.toString());
    }
  }

  private void work() {
    try {
      Job<?> job = jobs.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (job != null) {
        job.run();
      } else if (vacate.test(this)) {
        leaving = true;
      }
    } catch (InterruptedException e) {
      // meant for work that is over
    }
  }
}
