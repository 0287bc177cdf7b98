package io.elapid.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.chaos.Launcher;
import io.elapid.chaos.Launcher.Result;
import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What a run computes depends on its recipe, not on how many ranks computed it, each a JVM of its
 * own. That it does not depend on how often it was interrupted either is shown by {@link ChaosIT};
 * what recipes add to plain training, by jobs of several ranks in one JVM.
 */
@Execution(ExecutionMode.CONCURRENT)
final class RankCountIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final String STEPS = "step-000000008";

  @TempDir static Path folder;

  @BeforeAll
  static void data() {
    run("generate", path("raw"), "--train", "128", "--val", "20", "--size", "64");
    run("prepare", "imagenet", path("raw"), path("data"));
    run(words("one", "1"));
  }

  /** Trackers watch, one of which gets no answer: that changes nothing either. */
  @Test
  void oneAndTwoRanksThatSparkSecuresTrainTheSameWeightsBitForBit() throws IOException {
    // takes connections and never says a word
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String[] more = {
        "-D", "cluster.ports=17100-17140",
        "-D", "track.mlflow=http://127.0.0.1:" + silent.getLocalPort(),
        "-D", "track.mlflow-timeout=2s",
        "-D", "track.mlflow-linger=1s",
        "-D", "track.histogram-every-steps=4"
      };
      Result result = secured("local-cluster[2,1,1024]").run(LIMIT, with(words("two", "2"), more));
      assertThat(result.exit()).as(result.output()).isZero();
    }

    assertSameWeights(checkpoint("one"), checkpoint("two"));
    assertThat(folder.resolve("two/mlflow").toFile().list((at, name) -> name.startsWith("0000")))
        .isNotEmpty();
    assertThat(eventFile("two"))
        .contains("gradients/", "train/augmented/0", "train/loss", "validation/top1");
    Result runs = new ElapidRun(folder).direct().run(LIMIT, "runs", path(""));
    assertThat(runs.exit()).as(runs.output()).isZero();
    assertThat(runs.output()).containsPattern("two .*8 / 8 .*top1 .* finished");
  }

  private static String eventFile(String run) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(run).resolve("tensorboard"))) {
      return Files.readString(files.findFirst().orElseThrow(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void clearTextIsRefusedWhereSparkSecuresItsOwnConnections() {
    String[] words = words("clear", "2");
    Result result = secured("local[2]").run(LIMIT, with(words, "-D", "cluster.encryption=off"));

    assertThat(result.exit()).as(result.output()).isEqualTo(2);
    assertThat(result.output())
        .contains("in clear text", "spark.authenticate = true", "set cluster.encryption = auto");
  }

  /**
   * DL4J's rounds come through with one JVM less: Spark repeats the task of a round in another.
   * What they come to is compared with our own averaging by jobs in one JVM.
   */
  @Test
  void dl4jTrainsThoughAnExecutorIsKilled() throws IOException {
    String[] rounds = {"-D", "sync.mode=dl4j", "-D", "sync.every=3"};
    Result result =
        new ElapidRun(folder)
            .submit("--master", "local-cluster[2,1,1024]", "--executor-memory", "700m")
            .submit("--conf", "spark.elapid.fault=kill rank=1 step=4 phase=compute after=0")
            .run(LIMIT, with(words("dl4j", "2"), rounds));
    assertThat(result.exit()).as(result.output()).isZero();

    List<JsonNode> events = events("dl4j");
    assertThat(of(events, "fault")).hasSize(1);
    assertThat(of(events, "attempt_failed")).isEmpty();
    assertThat(of(events, "step"))
        .extracting(step -> step.path("step").asInt())
        .contains(8)
        .doesNotHaveDuplicates();
    assertThat(checkpoint("dl4j").meta().step()).isEqualTo(8);
    Result evaluated =
        new ElapidRun(folder)
            .submit("--master", "local[1]")
            .run(LIMIT, "evaluate", "--weights", path("dl4j"), "--data", path("data"));
    assertThat(evaluated.exit()).as(evaluated.output()).isZero();
    assertThat(evaluated.output()).containsPattern("top-1 [\\d.]+ %.* over 20 pictures");
  }

  private static List<JsonNode> events(String run) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl"))) {
      events.add(new JsonMapper().readTree(line));
    }
    return events;
  }

  private static List<JsonNode> of(List<JsonNode> events, String kind) {
    return events.stream().filter(event -> event.path("event").asText().equals(kind)).toList();
  }

  private static Launcher secured(String master) {
    return new ElapidRun(folder)
        .submit("--master", master, "--executor-memory", "700m")
        .submit("--conf", "spark.authenticate=true")
        .submit("--conf", "spark.authenticate.secret=a-secret-for-this-test")
        .submit("--conf", "spark.network.crypto.enabled=true");
  }

  private static String[] with(String[] words, String... more) {
    String[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return all;
  }

  private static void assertSameWeights(Checkpoint one, Checkpoint other) {
    assertThat(one.model().keySet()).isEqualTo(other.model().keySet());
    one.model()
        .forEach(
            (name, tensor) ->
                assertThat(other.model().get(name).data()).as(name).isEqualTo(tensor.data()));
    one.state()
        .forEach(
            (name, tensor) ->
                assertThat(other.state().get(name).data()).as(name).isEqualTo(tensor.data()));
  }

  private static Checkpoint checkpoint(String run) throws IOException {
    return CheckpointStore.read(
        new Configuration(), new org.apache.hadoop.fs.Path(path(run), "checkpoints/" + STEPS));
  }

  private static String[] words(String run, String ranks) {
    return new String[] {
      "train",
      "--recipe",
      "quickstart",
      "--data",
      path("data"),
      "--output",
      path(run),
      "--ranks",
      ranks,
      "-D",
      "model.name=efficientvim_nano",
      "-D",
      "schedule.type=constant",
      "-D",
      "schedule.warmup-epochs=0",
      "-D",
      "schedule.epochs=2",
      "-D",
      "batch.size=32",
      "-D",
      "checkpoint.every-epochs=1",
      "-D",
      "evaluation.every-epochs=1",
      "-D",
      "ema.decay=0.9"
    };
  }

  private static void run(String... words) {
    Result result = new ElapidRun(folder).submit("--master", "local[1]").run(LIMIT, words);
    assertThat(result.exit()).as(result.output()).isZero();
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }
}
