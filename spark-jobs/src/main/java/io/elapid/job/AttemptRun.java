package io.elapid.job;

import io.elapid.config.Recipe;
import io.elapid.worker.AveragingRun;
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

/**
 * One attempt at a run: a barrier stage or DL4J's rounds, and what looks after it while it runs.
 */
final class AttemptRun implements AutoCloseable {
  private final JavaSparkContext spark;
  private final Recipe recipe;
  private final BooleanSupplier stop;
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
    this.recipe = recipe;
    this.stop = stop;
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
   * Returns the last evaluation as JSON.
   *
   * @throws Exception Spark's, when the attempt has failed; nothing of it holds a slot any more
   */
  String run(int ranks, ResourceProfile profile, TrainTask task) throws Exception {
    spark.setJobGroup(group, "train, attempt " + task.attempt(), true);
    try {
      return switch (recipe.sync().mode()) {
        case ALL_REDUCE, AVERAGE -> BarrierStage.run(spark, ranks, profile, task).get(0);
        case DL4J -> AveragingRun.train(spark, ranks, task, stop, this::cancel);
      };
    } catch (Exception failed) {
      watch.evict();
      throw failed;
    } finally {
      spark.clearJobGroup();
    }
  }

  private void cancel() {
    spark.sc().cancelJobGroup(group);
  }

  @Override
  public void close() {
    watch.close();
    spark.sc().removeSparkListener(removals);
  }
}
