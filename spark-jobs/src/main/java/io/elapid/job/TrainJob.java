package io.elapid.job;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.task.classification.ClassificationMetrics;
import io.elapid.worker.BarrierStage;
import io.elapid.worker.PeerProtection;
import io.elapid.worker.Slots;
import io.elapid.worker.StartingWeights;
import io.elapid.worker.TeacherWeights;
import io.elapid.worker.TrainTask;
import io.elapid.worker.TrainingSetup;
import java.io.IOException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a network: one barrier stage whose ranks meet, train and save; started again from the
 * newest complete checkpoint when it fails, until it has failed too often without getting further.
 */
public final class TrainJob {
  private static final Logger LOG = LoggerFactory.getLogger(TrainJob.class);
  private static final int SECRET_BYTES = 32;

  private final JavaSparkContext spark;
  private final Recipe recipe;
  private final PrintStream out;

  public TrainJob(Session session, Recipe recipe, PrintStream out) {
    this.spark = session.spark();
    this.recipe = recipe;
    this.out = out;
  }

  /**
   * Trains to the end of the schedule.
   *
   * @throws InputException when recipe, data or cluster do not fit together
   * @throws RunFailedException when the run was given up; names the first cause of the last failure
   */
  public TrainResult run() throws IOException {
    Configuration hadoop = spark.hadoopConfiguration();
    Manifest manifest = Manifest.read(hadoop, new Path(recipe.data().requirePath()));
    check(manifest);
    Slots.await(spark.sc(), recipe.cluster().ranks(), recipe.cluster().slotsTimeout());
    RunFolder folder = RunFolder.open(hadoop, new Path(recipe.requireOutput()));
    if (recipe.model().weights().isPresent() && folder.newest().isEmpty()) {
      StartingWeights.check(hadoop, recipe.model(), manifest.classes().size());
    }
    TeacherWeights.check(hadoop, recipe, manifest.classes().size());
    if (recipe.log().profileSteps() > 0) {
      // an earlier run into this folder may have had other ranks
      folder.traces().getFileSystem(hadoop).delete(folder.traces(), true);
    }
    Instant began = Instant.now();
    try (RunProgress progress = new RunProgress(folder, out);
        RunRecorder recorder = new RunRecorder(progress::log, progress::show)) {
      ClassificationMetrics metrics =
          ClassificationMetrics.fromJson(attempts(folder, manifest, recorder));
      Path checkpoint = folder.newest().orElseThrow().path();
      return new TrainResult(folder, checkpoint, metrics, began);
    }
  }

  private void check(Manifest manifest) {
    TrainingSetup.check(recipe, manifest.classes().size());
    PeerProtection.check(spark.sc().conf(), recipe.cluster());
    if (manifest.rows(recipe.data().trainSplit()) < recipe.batch().stepSize()) {
      throw new InputException(
          "%s: split %s has %d samples, less than one batch of %d"
              .formatted(
                  recipe.data().requirePath(),
                  recipe.data().trainSplit(),
                  manifest.rows(recipe.data().trainSplit()),
                  recipe.batch().stepSize()),
          "lower batch.size or batch.accumulate, or train on more data");
    }
    manifest.shards(recipe.data().validationSplit());
  }

  private String attempts(RunFolder folder, Manifest manifest, RunRecorder recorder)
      throws IOException {
    String runId = UUID.randomUUID().toString();
    int failures = 0;
    for (int attempt = 0; ; attempt++) {
      Optional<Checkpoint> start = folder.newest();
      start.ifPresent(checkpoint -> fits(checkpoint, manifest));
      long step = start.map(checkpoint -> checkpoint.meta().step()).orElse(0L);
      start.ifPresent(c -> out.printf("train: going on from step %,d (%s)%n", step, c.path()));
      Slots.await(spark.sc(), recipe.cluster().ranks(), recipe.cluster().slotsTimeout());
      try {
        return BarrierStage.run(
                spark, recipe.cluster().ranks(), task(runId, attempt, folder, start))
            .get(0);
      } catch (Exception failed) {
        Optional<RankFailure> cause = recorder.awaitFailure();
        RuntimeException report =
            cause
                .map(failure -> failure.toException(failed))
                .orElseGet(() -> new RunFailedException(firstLine(failed), failed));
        LOG.debug("attempt {} failed", attempt, failed);
        long reached = folder.newest().map(checkpoint -> checkpoint.meta().step()).orElse(0L);
        failures = reached > step ? 1 : failures + 1;
        if (cause.filter(RankFailure::permanent).isPresent()) {
          throw report;
        }
        if (failures > recipe.cluster().maxFailures()) {
          throw new RunFailedException(
              "given up after %d failures without progress; the last: %s"
                  .formatted(failures, report.getMessage()),
              failed);
        }
        out.printf("train: %s%n", report.getMessage());
        out.printf(
            "train: starting again from step %,d (failure %d of at most %d without progress)%n",
            reached, failures, recipe.cluster().maxFailures());
      }
    }
  }

  private TrainTask task(String runId, int attempt, RunFolder folder, Optional<Checkpoint> start) {
    byte[] secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    return new TrainTask(
        recipe.render(),
        new SerializableConfiguration(spark.hadoopConfiguration()),
        folder.checkpoints().toString(),
        folder.traces().toString(),
        runId,
        attempt,
        secret,
        start.map(checkpoint -> checkpoint.path().toString()).orElse(null));
  }

  private void fits(Checkpoint checkpoint, Manifest manifest) {
    CheckpointMeta meta = checkpoint.meta();
    if (!meta.model().equals(recipe.model().name())
        || meta.classes() != manifest.classes().size()) {
      throw new InputException(
          "%s: holds %s with %d classes, but this run trains %s with %d"
              .formatted(
                  checkpoint.path(),
                  meta.model(),
                  meta.classes(),
                  recipe.model().name(),
                  manifest.classes().size()),
          "choose another output folder, or go on with the recipe that began this run");
    }
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("unknown cause");
  }
}
