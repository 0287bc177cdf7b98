package io.elapid.chaos;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.NamedTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;

/**
 * Where cases are run: a small data set, a training run of {@value #STEPS} steps that nothing has
 * disturbed, and the means to start others like it.
 */
public final class Lab {
  static final int STEPS = 40;
  static final int STEPS_PER_EPOCH = 4;
  static final String TWO_RANKS = "local-cluster[2,1,1024]";
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String SPARK = "spark-jobs/target/spark";

  private final Path home;
  private final Path folder;
  private final AtomicInteger programs = new AtomicInteger();
  private Checkpoint reference;

  /**
   * @param home of Elapid, where its launcher is
   * @param folder for everything that is written
   */
  public Lab(Path home, Path folder) {
    this.home = home;
    this.folder = folder.toAbsolutePath();
  }

  /** Makes the data set and the run that the others are compared with. */
  public void prepare() throws IOException {
    succeed("local[1]", "generate", path("raw"), "--train", "128", "--val", "20", "--size", "64");
    succeed("local[1]", "prepare", "imagenet", path("raw"), path("data"));
    try (Program run = train("local[1]", path("undisturbed"), List.of(), "cluster.ranks=1")) {
      require(run, run.await(LIMIT) == 0, "the undisturbed run failed");
    }
    reference = end(path("undisturbed"), new Configuration());
  }

  private void succeed(String master, String... words) {
    try (Program program = start(List.of("--master", master), words)) {
      require(program, program.await(LIMIT) == 0, words[0] + " failed");
    }
  }

  /**
   * Starts a run of two ranks.
   *
   * @param submit more options for spark-submit
   * @param overrides of the recipe
   */
  Program train(String master, String output, List<String> submit, String... overrides) {
    List<String> options = new ArrayList<>(List.of("--master", master));
    options.addAll(List.of("--executor-memory", "700m"));
    options.addAll(List.of("--conf", "spark.deploy.maxExecutorRetries=-1"));
    options.addAll(submit);
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
                "checkpoint.every-steps=3",
                "evaluation.every-epochs=100",
                "cluster.step-timeout=20s",
                "cluster.connect-timeout=60s",
                "cluster.silence-timeout=10s",
                "cluster.lease-timeout=8s",
                "cluster.slots-timeout=30s"));
    keys.addAll(List.of(overrides));
    keys.forEach(key -> words.addAll(List.of("-D", key)));
    return start(options, words.toArray(String[]::new));
  }

  private Program start(List<String> submit, String... words) {
    List<String> command = new ArrayList<>(List.of(home.resolve("elapid").toString()));
    command.addAll(List.of("--conf", "spark.driver.host=127.0.0.1"));
    command.addAll(List.of("--conf", "spark.driver.bindAddress=127.0.0.1"));
    command.addAll(List.of("--conf", "spark.ui.enabled=false", "--driver-memory", "700m"));
    command.addAll(submit);
    command.addAll(List.of(words));
    Path log = folder.resolve("logs/%03d-%s.log".formatted(programs.incrementAndGet(), words[0]));
    return Program.start(
        log, Map.of("SPARK_LOCAL_IP", "127.0.0.1", "SPARK_HOME", spark().toString()), command);
  }

  Path spark() {
    return home.resolve(SPARK);
  }

  /** Jars of HDFS's daemons. */
  List<Path> hadoop() {
    return List.of(home.resolve("spark-jobs/target/hdfs"), spark().resolve("jars"));
  }

  Path folder() {
    return folder;
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

  /** Fails unless a run has ended with exactly the state of the undisturbed one. */
  void requireSameEnd(String run, Configuration conf) throws IOException {
    Checkpoint end = end(run, conf);
    requireSame("model", reference.model(), end.model());
    requireSame("ema", reference.ema(), end.ema());
    requireSame("state", reference.state(), end.state());
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

  static void require(Program program, boolean holds, String what) {
    if (!holds) {
      throw new ChaosFailure(what + ": " + program.log());
    }
  }
}
