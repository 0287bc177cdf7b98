package io.elapid.job;

import io.elapid.config.Recipe;
import io.elapid.worker.BarrierStage;
import io.elapid.worker.TrainTask;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/** One attempt at a run: a barrier stage, and what looks after it while it runs. */
final class AttemptRun implements AutoCloseable {
  private final JavaSparkContext spark;
  private final String group = "elapid-" + UUID.randomUUID();
  private final AttemptWatch watch;
  private final Removals removals;

  AttemptRun(
      JavaSparkContext spark,
      AttemptLedger ledger,
      Recipe recipe,
      BooleanSupplier stop,
      Supplier<Optional<RankFailure>> lease) {
    this.spark = spark;
    this.removals = new Removals(ledger);
    spark.sc().addSparkListener(removals);
    this.watch = new AttemptWatch(spark, group, ledger, recipe, stop, lease);
  }

  private static final class Removals extends SparkListener {
    private final AttemptLedger ledger;

    Removals(AttemptLedger ledger) {
      this.ledger = ledger;
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
      ledger.executorRemoved(removed.executorId(), removed.reason());
    }
  }

  /**
   * Returns what rank 0 returns.
   *
   * @throws Exception Spark's, when the attempt has failed; nothing of it holds a slot any more
   */
  String run(int ranks, ResourceProfile profile, TrainTask task) throws Exception {
    spark.setJobGroup(group, "train, attempt " + task.attempt(), true);
    try {
      return BarrierStage.run(spark, ranks, profile, task).get(0);
    } catch (Exception failed) {
      watch.evict();
      throw failed;
    } finally {
      spark.clearJobGroup();
    }
  }

  @Override
  public void close() {
    watch.close();
    spark.sc().removeSparkListener(removals);
  }
}
