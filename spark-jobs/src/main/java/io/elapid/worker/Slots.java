package io.elapid.worker;

import io.elapid.data.InputException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task slots that the cluster offers this application: a barrier stage needs one per rank, all
 * at the same time.
 */
public final class Slots {
  private static final Logger LOG = LoggerFactory.getLogger(Slots.class);
  private static final long POLL_MILLIS = 200;
  private static final Duration QUIET = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private Slots() {}

  /** Slots of the executors that are registered now. */
  public static int available(SparkContext spark) {
    return spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile());
  }

  /**
   * Waits until {@code ranks} tasks can run at once. Executors register one by one after an
   * application has started, so a few seconds of patience are normal.
   *
   * @throws InputException when the deadline passes first; says how many slots there were
   */
  public static void await(SparkContext spark, int ranks, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    int seen = available(spark);
    boolean told = false;
    while (seen < ranks) {
      if (System.nanoTime() > deadline) {
        throw new InputException(
            "the run needs %d task slots at the same time, but after %d s the cluster (%s) offers %d"
                .formatted(ranks, patience.toSeconds(), spark.master(), seen),
            "add executors or cores (--num-executors, spark.cores.max, local[%d]), or ask for fewer ranks: -D cluster.ranks=%d"
                .formatted(ranks, Math.max(1, seen)));
      }
      if (!told) {
        LOG.info("waiting for {} task slots; {} are there", ranks, seen);
        told = true;
      }
      pause();
      seen = available(spark);
    }
  }

  /**
   * The slots once executors have stopped arriving: what a stage that takes any number should be
   * cut for. Waits a moment after the last arrival, in local mode not at all.
   *
   * @throws InputException when no executor comes
   */
  public static int settled(SparkContext spark) {
    int seen = available(spark);
    if (spark.isLocal()) {
      return seen;
    }
    long start = System.nanoTime();
    long changed = start;
    while (seen == 0 || System.nanoTime() - changed < QUIET.toNanos()) {
      if (seen == 0 && System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new InputException(
            "no executor has come within %d s (%s)".formatted(PATIENCE.toSeconds(), spark.master()),
            "look at the cluster manager's page: are there free cores and enough memory for spark.executor.memory?");
      }
      pause();
      int now = available(spark);
      if (now != seen) {
        seen = now;
        changed = System.nanoTime();
      }
    }
    return seen;
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for task slots", e);
    }
  }
}
