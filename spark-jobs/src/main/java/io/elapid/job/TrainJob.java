package io.elapid.job;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.config.ClusterSpec;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.shard.Manifest;
import io.elapid.observe.tab.SparkWatch;
import io.elapid.predict.StoredRecipe;
import io.elapid.worker.AveragingRun;
import io.elapid.worker.Deadline;
import io.elapid.worker.DeadlineException;
import io.elapid.worker.PeerProtection;
import io.elapid.worker.PictureSizes;
import io.elapid.worker.RankResources;
import io.elapid.worker.RunEvents;
import io.elapid.worker.Scoring;
import io.elapid.worker.Slots;
import io.elapid.worker.SplitScore;
import io.elapid.worker.StartingWeights;
import io.elapid.worker.TeacherWeights;
import io.elapid.worker.TrainTask;
import io.elapid.worker.TrainingSetup;
import java.io.IOException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a network: one barrier stage whose ranks meet, train and save, or rounds of DL4J's
 * averaging; started again from the newest complete checkpoint when it fails, with as many ranks as
 * there are slots, until it has failed too often without getting further.
 */
public final class TrainJob {
  private static final Logger LOG = LoggerFactory.getLogger(TrainJob.class);
  private static final int SECRET_BYTES = 32;

  /** What a run that was told to end gets beyond the time for its checkpoint. */
  private static final Duration LAST_STEP = Duration.ofMinutes(1);

  /** Between two questions for checkpoints that cannot be read; the client waits by itself, too. */
  private static final Duration ASKING_AGAIN = Duration.ofSeconds(5);

  private final JavaSparkContext spark;
  private final Recipe recipe;
  private final ResourceProfile profile;
  private final PrintStream out;

  public TrainJob(Session session, Recipe recipe, PrintStream out) {
    this.spark = session.spark();
    this.recipe = AbsolutePaths.of(recipe, spark.hadoopConfiguration());
    this.profile = RankResources.profile(spark.sc(), recipe.cluster());
    this.out = out;
  }

  /**
   * Trains to the end of the schedule.
   *
   * @throws InputException when recipe, data or cluster do not fit together, or someone else writes
   *     into the output folder
   * @throws RunFailedException when the run was given up; names the first cause of the last failure
   * @throws RunStoppedException when the process was told to end; the state has been saved
   */
  public TrainResult run() throws Exception {
    Duration patience = recipe.checkpoint().timeout().plus(LAST_STEP);
    try (StopSignal stop = new StopSignal(patience, out::println)) {
      Configuration hadoop = spark.hadoopConfiguration();
      Manifest manifest = TrainingSetup.manifest(hadoop, recipe.data());
      check(manifest);
      Deadline.call(
          recipe.data().timeout(),
          "reading the sizes of all pictures",
          "data.timeout",
          () -> {
            PictureSizes.check(hadoop, recipe, manifest.classes().size());
            return true;
          });
      warn();
      slots(stop, Optional.empty());
      RunFolder folder =
          stored("opening the run's folder", () -> open(hadoop, manifest.classes().size()));
      try (Tenancy tenancy =
          Tenancy.claim(
              hadoop,
              folder.lease(),
              spark.sc().applicationId(),
              recipe.cluster().leaseTimeout(),
              line -> out.println("train: " + line))) {
        return train(folder, manifest, tenancy, stop);
      }
    }
  }

  private RunFolder open(Configuration hadoop, int classes) throws IOException {
    RunFolder folder = RunFolder.open(hadoop, new Path(recipe.requireOutput()));
    if (recipe.model().weights().isPresent() && folder.newest().isEmpty()) {
      StartingWeights.check(hadoop, recipe, classes);
    }
    TeacherWeights.check(hadoop, recipe, classes);
    return folder;
  }

  private TrainResult train(RunFolder folder, Manifest manifest, Tenancy tenancy, StopSignal stop)
      throws Exception {
    new CheckpointStore(folder.hadoop(), folder.checkpoints()).clean();
    if (recipe.log().profileSteps() > 0) {
      // an earlier run into this folder may have had other ranks
      folder.traces().getFileSystem(folder.hadoop()).delete(folder.traces(), true);
    }
    Instant began = Instant.now();
    try (RunProgress progress = new RunProgress(folder, recipe, SparkWatch.open(spark.sc()), out)) {
      try {
        String last = train(folder, manifest, progress, tenancy, stop);
        SplitScore score = Scoring.of(recipe, manifest.classes().size()).merged(List.of(last));
        progress.ended("finished", "");
        Path checkpoint = newest(folder).orElseThrow().path();
        return new TrainResult(folder, checkpoint, score, began);
      } catch (Exception e) {
        progress.ended(e instanceof RunStoppedException ? "stopped" : "failed", firstLine(e));
        throw e;
      }
    }
  }

  private String train(
      RunFolder folder, Manifest manifest, RunProgress progress, Tenancy tenancy, StopSignal stop)
      throws Exception {
    try (RunRecorder recorder = new RunRecorder(progress::log, progress::show, stop::requested)) {
      return attempts(folder, manifest, recorder, tenancy, stop);
    }
  }

  private <T> T stored(String what, Callable<T> body) throws Exception {
    return Deadline.call(recipe.checkpoint().timeout(), what, "checkpoint.timeout", body);
  }

  private Optional<Checkpoint> newest(RunFolder folder) throws Exception {
    return stored("reading the newest checkpoint", folder::newest);
  }

  /**
   * The same after a failure, when what has failed may be the file system: asks again while that
   * cannot read, until checkpoint.timeout.
   */
  private Optional<Checkpoint> newestAgain(RunFolder folder, StopSignal stop) throws Exception {
    long deadline = System.nanoTime() + recipe.checkpoint().timeout().toNanos();
    while (true) {
      try {
        return newest(folder);
      } catch (IOException e) {
        if (stop.requested() || System.nanoTime() + ASKING_AGAIN.toNanos() > deadline) {
          throw e;
        }
        out.printf(
            "train: the checkpoints cannot be read now, trying again for %d s: %s%n",
            Duration.ofNanos(deadline - System.nanoTime()).toSeconds(), firstLine(e));
        TimeUnit.NANOSECONDS.sleep(ASKING_AGAIN.toNanos());
      }
    }
  }

  /**
   * Removes what killed ranks have left of their checkpoints, which would pile up in a run that is
   * started again often.
   */
  private void cleanAgain(RunFolder folder) throws Exception {
    CheckpointStore store = new CheckpointStore(folder.hadoop(), folder.checkpoints());
    try {
      stored(
          "removing unfinished checkpoints",
          () -> {
            store.clean();
            return true;
          });
    } catch (IOException | DeadlineException e) {
      LOG.warn("Unfinished checkpoints stay: {}", e.toString());
    }
  }

  /** Where training goes on. */
  private Optional<Checkpoint> start(RunFolder folder, Manifest manifest) throws Exception {
    Optional<Checkpoint> start = newest(folder);
    if (start.isEmpty()) {
      return start;
    }
    Path chosen = start.get().path();
    fits(start.get(), manifest);
    for (Path newer : stored("listing the checkpoints", folder::checkpointFolders)) {
      if (newer.getName().compareTo(chosen.getName()) > 0) {
        out.printf("train: %s is damaged and is passed over (the log says why)%n", newer);
      }
    }
    out.printf("train: going on from step %,d (%s)%n", start.get().meta().step(), chosen);
    return start;
  }

  private void check(Manifest manifest) {
    TrainingSetup.check(recipe, manifest);
    switch (recipe.sync().mode()) {
      case ALL_REDUCE, AVERAGE -> PeerProtection.check(spark.sc().conf(), recipe.cluster());
      case DL4J -> AveragingRun.check(spark.sc().conf());
    }
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

  /**
   * What can be said of the settings without asking anyone; {@code elapid doctor} looks further.
   */
  private void warn() {
    SettingsCheck.of(spark.getConf(), Optional.of(recipe)).stream()
        .filter(finding -> finding.verdict() != Finding.Verdict.OK)
        .forEach(
            finding ->
                out.printf(
                    "train: %s: %s%n   fix: %s%n",
                    finding.subject(), finding.text(), finding.fix()));
  }

  /**
   * How many ranks can start now.
   *
   * @param going the checkpoint that they go on from
   */
  private int slots(StopSignal stop, Optional<Checkpoint> going) {
    ClusterSpec cluster = recipe.cluster();
    int slots =
        Slots.await(
            spark.sc(),
            profile,
            cluster.fewestRanks(),
            cluster.ranks(),
            cluster.slotsTimeout(),
            () -> {
              if (stop.requested()) {
                throw idle(going);
              }
            });
    int ranks =
        switch (recipe.sync().mode()) {
          case ALL_REDUCE, AVERAGE -> slots;
          case DL4J -> AveragingRun.even(recipe, slots);
        };
    if (ranks < cluster.ranks()) {
      out.printf("train: going on with %d of %d ranks%n", ranks, cluster.ranks());
    }
    return ranks;
  }

  /** Of a run that was told to end while no rank had anything to save. */
  private RunStoppedException idle(Optional<Checkpoint> going) {
    return stopped(
        going
            .map(
                checkpoint ->
                    "stopped before training went on from step %,d, which is saved; submit the same command again to go on"
                        .formatted(checkpoint.meta().step()))
            .orElse("stopped while no rank was running; there was nothing to save"));
  }

  /** Says it, too: the process may be gone as soon as this has been thrown. */
  private RunStoppedException stopped(String message) {
    out.println("train: " + message);
    return new RunStoppedException(message);
  }

  private String attempts(
      RunFolder folder, Manifest manifest, RunRecorder recorder, Tenancy tenancy, StopSignal stop)
      throws Exception {
    String runId = UUID.randomUUID().toString();
    int failures = 0;
    for (int attempt = 0; ; attempt++) {
      Optional<Checkpoint> start = start(folder, manifest);
      long step = start.map(checkpoint -> checkpoint.meta().step()).orElse(0L);
      int ranks = slots(stop, start);
      TrainTask task = task(runId, attempt, folder, start, tenancy);
      AttemptLedger ledger = recorder.begin(attempt);
      try (StopSignal.Training training = stop.begin(() -> idle(start));
          AttemptRun run = new AttemptRun(spark, ledger, recipe, stop::requested, tenancy::lost)) {
        return run.run(ranks, profile, task);
      } catch (Exception failed) {
        LOG.debug("attempt {} failed", attempt, failed);
        Optional<RankFailure> cause = recorder.awaitFailure();
        if (ledger.stoppedAt().isPresent()) {
          throw stopped(
              "stopped at step %,d, which is saved; submit the same command again to go on"
                  .formatted(ledger.stoppedAt().getAsLong()));
        }
        RuntimeException report =
            cause
                .map(failure -> failure.toException(failed))
                .orElseGet(() -> new RunFailedException(sparksWords(failed), failed));
        recorder.note(
            RunEvents.line("attempt_failed", "attempt", attempt, "message", firstLine(report)));
        if (cause.filter(RankFailure::permanent).isPresent() || stop.requested()) {
          throw report;
        }
        long reached =
            newestAgain(folder, stop).map(checkpoint -> checkpoint.meta().step()).orElse(0L);
        cleanAgain(folder);
        failures = reached > step ? 1 : failures + 1;
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

  private TrainTask task(
      String runId, int attempt, RunFolder folder, Optional<Checkpoint> start, Tenancy tenancy) {
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
        start.map(checkpoint -> checkpoint.path().toString()).orElse(null),
        tenancy.fence());
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
    if (!meta.recipe().isBlank()) {
      ResumeRules.check(StoredRecipe.of(meta, checkpoint.path().toString(), List.of()), recipe);
    }
  }

  /** What Spark says of a failed stage: which task it was, and in the next line why. */
  private static String sparksWords(Throwable failure) {
    return String.valueOf(failure.getMessage())
        .lines()
        .limit(2)
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("at "))
        .reduce((which, why) -> which + " " + why)
        .orElse("unknown cause");
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("unknown cause");
  }
}
