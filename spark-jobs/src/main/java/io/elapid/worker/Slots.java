package io.elapid.worker;

import io.elapid.data.InputException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
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
  private static final String NO_EXECUTOR =
      "look at the cluster manager's page: does it answer, and are there free cores, enough memory"
          + " for spark.executor.memory, and the GPUs that each rank asks for, if it does?";

  private Slots() {}

  /** Slots of the executors that are registered now. */
  public static int available(SparkContext spark) {
    return available(spark, spark.resourceProfileManager().defaultResourceProfile());
  }

  private static int available(SparkContext spark, ResourceProfile profile) {
    return spark.maxNumConcurrentTasks(profile);
  }

  /**
   * Waits until {@code most} tasks can run at once, or the time is up and {@code fewest} can.
   * Executors register one by one after an application has started, so a few seconds of patience
   * are normal.
   *
   * @param profile what each task needs
   * @param gate called again and again; what it throws ends the wait
   * @return how many tasks can run at once, at most {@code most}
   * @throws InputException when there are too few; says how many
   */
  public static int await(
      SparkContext spark,
      ResourceProfile profile,
      int fewest,
      int most,
      Duration patience,
      Runnable gate) {
    long deadline = System.nanoTime() + patience.toNanos();
    int seen = available(spark, profile);
    boolean told = false;
    while (seen < most && System.nanoTime() < deadline) {
      if (!told) {
        LOG.info("waiting for {} task slots; {} are there", most, seen);
        told = true;
      }
      gate.run();
      pause();
      seen = available(spark, profile);
    }
    if (seen < fewest) {
      throw new InputException(
          "the run needs %d task slots at the same time, but after %d s the cluster (%s) offers %d"
              .formatted(fewest, patience.toSeconds(), spark.master(), seen),
          seen == 0
              ? NO_EXECUTOR
              : "add executors or cores (--num-executors, spark.cores.max, local[%d]), or ask for fewer ranks: -D cluster.ranks=%d"
                  .formatted(fewest, seen));
    }
    return Math.min(seen, most);
  }

  /** Has the cluster manager end an executor, whatever runs in it, and start another. */
  public static void replace(SparkContext spark, String executor) {
    spark.killAndReplaceExecutor(executor);
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
            NO_EXECUTOR);
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
