package io.elapid.job;

import io.elapid.config.Recipe;
import io.elapid.worker.Slots;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends an attempt that does not end by itself: whose ranks do not start, fall silent, have failed
 * and hang, have stopped or do not stop when they should, or whose run now belongs to someone else.
 */
final class AttemptWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptWatch.class);
  private static final Duration LOOK = Duration.ofMillis(250);

  /** A driver that was away for so long cannot say who was silent. */
  private static final Duration ABSENCE = Duration.ofSeconds(3);

  /** What ranks get to end by themselves when one has failed, and tasks when they are cancelled. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final JavaSparkContext spark;
  private final String group;
  private final AttemptLedger ledger;
  private final Recipe recipe;
  private final BooleanSupplier stop;
  private final Supplier<Optional<RankFailure>> lease;
  private final Thread thread = new Thread(this::watch, "elapid-attempt");
  private final long start = System.nanoTime();
  private long failedSince;
  private long stopSince;
  private volatile boolean closed;

  /**
   * Starts to watch.
   *
   * @param group the attempt's Spark jobs
   * @param stop whether the run is to end
   * @param lease why the run is not this driver's any more
   */
  AttemptWatch(
      JavaSparkContext spark,
      String group,
      AttemptLedger ledger,
      Recipe recipe,
      BooleanSupplier stop,
      Supplier<Optional<RankFailure>> lease) {
    this.spark = spark;
    this.group = group;
    this.ledger = ledger;
    this.recipe = recipe;
    this.stop = stop;
    this.lease = lease;
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    long before = System.nanoTime();
    while (!closed) {
      long now = System.nanoTime();
      if (now - before > ABSENCE.toNanos()) {
        ledger.excuseSilence();
      }
      before = now;
      Optional<RankFailure> reason = reason(now);
      if (reason.isPresent()) {
        ledger.judge(reason.get());
        spark.sc().cancelJobGroup(group);
      } else if (ledger.stopped()) {
        // with a local master Spark keeps to itself that tasks have failed while its process ends
        spark.sc().cancelJobGroup(group);
      }
      pause();
    }
  }

  private Optional<RankFailure> reason(long now) {
    Optional<RankFailure> taken = lease.get();
    if (taken.isPresent()) {
      return taken;
    }
    Duration startLimit = recipe.cluster().slotsTimeout().plus(recipe.cluster().connectTimeout());
    if (!ledger.begun()) {
      return now - start > startLimit.toNanos()
          ? Optional.of(
              RankFailure.ofRun(
                  "no rank has started within cluster.slots-timeout + connect-timeout = %d s"
                      .formatted(startLimit.toSeconds()),
                  ""))
          : Optional.empty();
    }
    failedSince = since(failedSince, ledger.failed(), now);
    stopSince = since(stopSince, stop.getAsBoolean(), now);
    if (failedSince != 0 && now - failedSince > GRACE.toNanos()) {
      return ledger
          .firstCause()
          .or(() -> Optional.of(RankFailure.ofRun("ranks hang after a failure", "")));
    }
    Duration stopLimit = recipe.checkpoint().timeout().plus(recipe.cluster().stepTimeout());
    if (stopSince != 0 && now - stopSince > stopLimit.toNanos()) {
      return Optional.of(
          RankFailure.ofRun(
              "the ranks did not stop within %d s".formatted(stopLimit.toSeconds()), ""));
    }
    Duration silence = recipe.cluster().silenceTimeout();
    return ledger.silent(silence).map(sign -> RankFailure.silent(sign, silence));
  }

  private static long since(long known, boolean now, long time) {
    return known != 0 || !now ? known : time;
  }

  /**
   * Waits for ranks that are still running after the attempt has failed, and has the executors
   * replaced of those that do not end: they would keep their slots from the next attempt. So are
   * executors replaced whose accelerator has failed, since it may serve a new process only.
   */
  void evict() {
    if (spark.isLocal()) {
      return;
    }
    for (String executor : ledger.executorsWithoutAccelerator()) {
      LOG.warn("the accelerator of executor {} has failed; replacing the executor", executor);
      Slots.replace(spark.sc(), executor);
    }
    long end = System.nanoTime() + GRACE.toNanos();
    List<AttemptLedger.Sign> running = ledger.running();
    while (!running.isEmpty() && System.nanoTime() < end) {
      pause();
      running = ledger.running();
    }
    for (AttemptLedger.Sign sign : running) {
      LOG.warn("executor {} does not end rank {}; replacing it", sign.executor(), sign.rank());
      Slots.replace(spark.sc(), sign.executor());
    }
  }

  private static void pause() {
    try {
      TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while watching an attempt", e);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
