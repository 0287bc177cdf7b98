package io.elapid.chaos;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.NamedTensor;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;

/**
 * Where cases are run: a small data set, a training run of {@value #STEPS} steps that nothing has
 * disturbed, and the means to start others like it.
 */
public final class Lab {
  static final int STEPS = 40;
  static final int STEPS_PER_EPOCH = 4;
  static final int CHECKPOINT_STEPS = 3;
  static final String TWO_RANKS = "local-cluster[2,1,1024]";

  /** The newest checkpoint may still be on its way when the next one is due. */
  private static final int MOST_LOST = 2 * CHECKPOINT_STEPS;

  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Deadlines are parts of this; shorter ones would be met by what is only slow. */
  private static final Duration LEAST_CALM = Duration.ofSeconds(40);

  private final Path folder;
  private final Launcher launcher;
  private Checkpoint reference;
  private Duration calm = LEAST_CALM;

  /**
   * @param home of Elapid, where its launcher is
   * @param folder for everything that is written
   */
  public Lab(Path home, Path folder) {
    this(new Launcher(home, folder).sideBySide(), folder);
  }

  /**
   * @param launcher that cases start their runs with
   * @param folder for everything that is written
   */
  public Lab(Launcher launcher, Path folder) {
    this.folder = folder.toAbsolutePath();
    this.launcher = launcher.in(this.folder);
  }

  private Lab(Lab shared, Launcher launcher) {
    this.folder = shared.folder;
    this.launcher = launcher;
    this.reference = shared.reference;
    this.calm = shared.calm;
  }

  /** The same lab for a case whose commands keep what is theirs in a folder of their own. */
  Lab in(Path place) {
    return new Lab(this, launcher.in(place));
  }

  /** Makes the data set and the run that the others are compared with. */
  public void prepare() throws IOException {
    succeed("generate", path("raw"), "--train", "128", "--val", "20", "--size", "64");
    succeed("prepare", "imagenet", path("raw"), path("data"));
    long start = System.nanoTime();
    try (Program run = train("local[1]", path("undisturbed"), "cluster.ranks=1")) {
      if (run.await(LIMIT) != 0) {
        throw run.failure("the undisturbed run failed");
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    calm = took.compareTo(LEAST_CALM) > 0 ? took : LEAST_CALM;
    reference = end(path("undisturbed"), new Configuration());
    FileUtil.fullyDelete(new File(path(Launcher.TEMPORARY)));
  }

  private void succeed(String... words) {
    try (Program program = launcher.copy().submit("--master", "local[1]").start(words)) {
      if (program.await(LIMIT) != 0) {
        throw program.failure(words[0] + " failed");
      }
    }
  }

  /** How long the undisturbed run has taken, from command to prompt, but no less than a little. */
  Duration calm() {
    return calm;
  }

  /**
   * The first step of the slowest rank, which compiles its code beside other processes, with time
   * to spare: the undisturbed run.
   */
  Duration stepTimeout() {
    return calm;
  }

  /** Longer than a process that lives is ever silent: a quarter of the undisturbed run. */
  Duration silenceTimeout() {
    return calm.dividedBy(4);
  }

  /** Starts a run of two ranks; {@code overrides} are those of the recipe. */
  Program train(String master, String output, String... overrides) {
    return train(launcher(), master, output, overrides);
  }

  /** As {@link #train(String, String, String...)}, with more options for Spark. */
  Program train(Launcher with, String master, String output, String... overrides) {
    with.submit("--master", master, "--executor-memory", "700m");
    with.submit("--conf", "spark.deploy.maxExecutorRetries=-1");
    List<String> words =
        new ArrayList<>(List.of("train", "--recipe", "quickstart", "--data", path("data")));
    words.addAll(List.of("--output", output));
    List<String> keys =
        new ArrayList<>(
            List.of(
                "cluster.ranks=2",
                "model.name=efficientvim_nano",
                "schedule.type=constant",
                "schedule.warmup-epochs=0",
                "schedule.epochs=" + STEPS / STEPS_PER_EPOCH,
                "batch.size=32",
                "ema.decay=0.9",
                "checkpoint.every-epochs=100",
                "checkpoint.every-steps=" + CHECKPOINT_STEPS,
                "evaluation.every-epochs=100",
                "log.every-steps=1",
                "cluster.step-timeout=%ds".formatted(stepTimeout().toSeconds()),
                "cluster.silence-timeout=%ds".formatted(silenceTimeout().toSeconds()),
                "cluster.lease-timeout=%ds".formatted(silenceTimeout().toSeconds())));
    keys.addAll(List.of(overrides));
    keys.forEach(key -> words.addAll(List.of("-D", key)));
    return with.start(words.toArray(String[]::new));
  }

  /** A launcher that options may be given to. */
  Launcher launcher() {
    return launcher.copy();
  }

  String path(String name) {
    return folder.resolve(name).toString();
  }

  /** The state at the end of a run; fails if the run has not got there. */
  private static Checkpoint end(String run, Configuration conf) throws IOException {
    Optional<Checkpoint> newest =
        new CheckpointStore(conf, new org.apache.hadoop.fs.Path(run, "checkpoints")).newest();
    return newest
        .filter(checkpoint -> checkpoint.meta().step() == STEPS)
        .orElseThrow(() -> new ChaosFailure("no checkpoint of step " + STEPS + " in " + run));
  }

  /**
   * Fails unless a run has ended with exactly the state of the undisturbed one, and has never lost
   * more steps than those since the last checkpoint.
   */
  Recovery sameEnd(String run, Configuration conf) throws IOException {
    requireSameEnd(run, conf);
    Recovery recovery = RunLog.of(run, conf).recovery();
    if (recovery.mostLost() > MOST_LOST) {
      throw new ChaosFailure(
          "%d steps were lost at once, with a checkpoint every %d"
              .formatted(recovery.mostLost(), CHECKPOINT_STEPS));
    }
    return recovery;
  }

  /** Fails unless a run has ended with exactly the state of the undisturbed one. */
  void requireSameEnd(String run, Configuration conf) throws IOException {
    requireSame(reference, end(run, conf));
  }

  /** Fails unless two runs have ended with exactly the same state. */
  void requireSameEnds(String wanted, String got) throws IOException {
    Configuration conf = new Configuration();
    requireSame(end(wanted, conf), end(got, conf));
  }

  private static void requireSame(Checkpoint wanted, Checkpoint got) {
    requireSame("model", wanted.model(), got.model());
    requireSame("ema", wanted.ema(), got.ema());
    requireSame("state", wanted.state(), got.state());
  }

  private static void requireSame(
      String what, Map<String, NamedTensor> wanted, Map<String, NamedTensor> got) {
    if (!wanted.keySet().equals(got.keySet())) {
      throw new ChaosFailure(what + ": other tensors than in the undisturbed run");
    }
    wanted.forEach(
        (name, tensor) -> {
          if (!tensor.data().equals(got.get(name).data())) {
            throw new ChaosFailure(
                "%s: %s is not bitwise that of the undisturbed run".formatted(what, name));
          }
        });
  }
}
