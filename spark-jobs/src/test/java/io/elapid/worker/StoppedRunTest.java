package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.observe.ElapidPlugin;
import io.elapid.observe.RunFeed;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What two ranks do that are told to end: while they evaluate, and where saving takes long. */
@Timeout(240)
final class StoppedRunTest {
  private static final int RANKS = 2;
  private static final int STEPS = 2;

  /** Time for a step, where that is limited. */
  private static final int STEP_SECONDS = 12;

  /** An evaluation takes no less: a rank hears from the driver every second. */
  private static final int EVALUATION_SECONDS = 2;

  private static final String RECIPE =
      """
      model { name = efficientvim_nano, image-size = 32 }
      data { loader-threads = 1, prefetch = 1 }
      batch { size = 4, shards = 2 }
      schedule {
        epochs = 2, warmup-epochs = 1, cooldown-epochs = 0
        learning-rate = 2e-3, warmup-learning-rate = 1e-4, min-learning-rate = 1e-5
      }
      clip.norm = 1
      ema.decay = 0.9
      cluster.ranks = 2
      evaluation { batch-size = 1, patience = 2, metric = loss }
      checkpoint { keep = 10 }
      """;

  private static final JsonMapper JSON = new JsonMapper();

  @TempDir static Path folder;
  private static JavaSparkContext spark;
  private static String data;

  private final List<JsonNode> events = new CopyOnWriteArrayList<>();
  private volatile long stopAt = Long.MAX_VALUE;
  private volatile Phase stopPhase = Phase.EVALUATE;
  private volatile boolean stopped;

  @BeforeAll
  static void start() throws Exception {
    data = slow(SmallData.prepare(folder, 4 * STEPS, 16).toString());
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2]")
                .setAppName("stopped")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.plugins", ElapidPlugin.class.getName()));
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @ParameterizedTest
  @CsvSource({"all-reduce, 2", "all-reduce, 4", "dl4j, 2"})
  void isSavedAtOnceAndEvaluatedBeforeItGoesOn(String mode, long step) throws Exception {
    Recipe recipe = LoneRank.recipe(RECIPE, List.of("data.path=" + data, "sync.mode=" + mode));
    String name = mode + "-" + step;
    train(name + "-whole", 0, recipe);
    List<JsonNode> undisturbed = of("evaluation");
    events.clear();

    stopAt = step;
    assertThatThrownBy(() -> train(name, 0, recipe)).isInstanceOf(Exception.class);
    assertThat(of("stopped")).extracting(at -> at.path("step").asLong()).containsExactly(step);
    assertThat(newest(name).meta().step()).isEqualTo(step);
    assertThat(newest(name).meta().metrics()).as("not evaluated").isEmpty();
    assertThat(of("evaluation")).hasSize((int) (step / STEPS) - 1);
    stopAt = Long.MAX_VALUE;
    stopped = false;
    train(name, 1, recipe);

    assertThat(results(of("evaluation"))).isEqualTo(results(undisturbed));
    List<Checkpoint> whole = checkpoints(name + "-whole");
    List<Checkpoint> halves = checkpoints(name);
    assertThat(halves).hasSameSizeAs(whole);
    for (int i = 0; i < whole.size(); i++) {
      assertThat(halves.get(i).meta().metrics()).isEqualTo(whole.get(i).meta().metrics());
      assertThat(LoneRank.bits(halves.get(i))).isEqualTo(LoneRank.bits(whole.get(i)));
      assertThat(state(halves.get(i))).isEqualTo(state(whole.get(i)));
    }
  }

  @Test
  void whatAnEvaluationHasFoundStaysWithTheCheckpointOfARunThatIsStoppedAgain() throws Exception {
    Recipe recipe = LoneRank.recipe(RECIPE, List.of("data.path=" + data));
    stopAt = 2 * STEPS;
    assertThatThrownBy(() -> train("again", 0, recipe)).isInstanceOf(Exception.class);
    stopAt = Long.MAX_VALUE;
    Checkpoint evaluated = checkpoints("again").get(1);
    assertThat(evaluated.meta().step()).isEqualTo(STEPS);
    assertThat(evaluated.meta().metrics()).containsKey("loss");

    assertThatThrownBy(() -> train("again", 1, recipe, evaluated)).isInstanceOf(Exception.class);

    assertThat(checkpoints("again").get(1).meta().step()).isEqualTo(STEPS);
    assertThat(checkpoints("again").get(1).meta().metrics()).isEqualTo(evaluated.meta().metrics());
  }

  /** A file system on which nothing gets its name before long, nor is read at once to evaluate. */
  public static final class SlowFileSystem extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("slow:///");
    }

    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
        throws IOException {
      pause(2 * STEP_SECONDS);
      return super.rename(from, to);
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path file, int buffer) throws IOException {
      if (file.getParent().getName().equals("val")) {
        pause(EVALUATION_SECONDS);
      }
      return super.open(file, buffer);
    }

    private static void pause(int seconds) throws IOException {
      try {
        TimeUnit.SECONDS.sleep(seconds);
      } catch (InterruptedException e) {
        throw new InterruptedIOException("given up");
      }
    }
  }

  @Test
  void isSavedWhereThatTakesLongerThanARankWaitsForAnother() throws Exception {
    Recipe recipe =
        LoneRank.recipe(
            RECIPE,
            List.of(
                "data.path=" + data,
                "schedule.epochs=100",
                "evaluation.every-epochs=100",
                "checkpoint.every-epochs=100",
                "cluster.step-timeout=%ds".formatted(STEP_SECONDS)));
    TrainTask quick = task("slow", 0, recipe, null);
    TrainTask task =
        new TrainTask(
            quick.recipe(),
            quick.hadoop(),
            slow(quick.checkpoints()),
            quick.traces(),
            quick.runId(),
            0,
            quick.secret(),
            null,
            quick.fence());
    stopPhase = Phase.COMPUTE;
    stopAt = 1;

    assertThatThrownBy(() -> run(task, recipe)).isInstanceOf(Exception.class);

    assertThat(of("failure")).isEmpty();
    assertThat(of("stopped")).hasSize(1);
    assertThat(newest("slow").meta().step()).isEqualTo(of("stopped").get(0).path("step").asLong());
  }

  private static List<JsonNode> of(List<JsonNode> events, String kind) {
    return events.stream().filter(event -> event.path("event").asText().equals(kind)).toList();
  }

  private List<JsonNode> of(String kind) {
    return of(events, kind);
  }

  private static List<String> results(List<JsonNode> evaluations) {
    return evaluations.stream()
        .map(
            one ->
                "%d %d %s"
                    .formatted(
                        one.path("epoch").asLong(),
                        one.path("step").asLong(),
                        one.path("loss").asText()))
        .toList();
  }

  private static Map<String, ByteBuffer> state(Checkpoint checkpoint) {
    return checkpoint.state().values().stream()
        .collect(Collectors.toMap(NamedTensor::name, tensor -> tensor.data().duplicate()));
  }

  private static List<Checkpoint> checkpoints(String run) throws IOException {
    return LoneRank.checkpoints(
        new org.apache.hadoop.fs.Path(folder.resolve(run).resolve("checkpoints").toUri()));
  }

  private static Checkpoint newest(String run) throws IOException {
    return checkpoints(run).get(0);
  }

  private void train(String run, int attempt, Recipe recipe) throws Exception {
    train(run, attempt, recipe, attempt == 0 ? null : newest(run));
  }

  private void train(String run, int attempt, Recipe recipe, Checkpoint from) throws Exception {
    run(task(run, attempt, recipe, from), recipe);
  }

  private static TrainTask task(String run, int attempt, Recipe recipe, Checkpoint from)
      throws Exception {
    TrainTask task = new LoneRank(folder).task(run, attempt, recipe, from);
    Configuration conf = new Configuration();
    conf.setClass("fs.slow.impl", SlowFileSystem.class, FileSystem.class);
    return new TrainTask(
        task.recipe(),
        new SerializableConfiguration(conf),
        task.checkpoints(),
        task.traces(),
        task.runId(),
        attempt,
        task.secret(),
        task.resume(),
        task.fence());
  }

  private static String slow(String path) {
    return path.replaceFirst("^file:", "slow:");
  }

  private void run(TrainTask task, Recipe recipe) throws Exception {
    try (RunFeed.Subscription told = RunFeed.subscribe(this::hear)) {
      switch (recipe.sync().mode()) {
        case ALL_REDUCE, AVERAGE ->
            BarrierStage.run(
                spark, RANKS, RankResources.profile(spark.sc(), recipe.cluster()), task);
        case DL4J ->
            AveragingRun.train(spark, RANKS, task, () -> stopped, () -> spark.sc().cancelAllJobs());
      }
    }
  }

  private String hear(String line) {
    try {
      JsonNode event = JSON.readTree(line);
      events.add(event);
      stopped |=
          event.path("step").asLong() >= stopAt
              && event.path("phase").asText().equals(stopPhase.toString());
      boolean asks = event.path("event").asText().equals("alive");
      if (!stopped || !asks) {
        return "";
      }
      return of("stopped").isEmpty() ? RunEvents.STOP : RunEvents.SAVED;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
