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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a run computes depends on its recipe, not on how many ranks computed it. That it does not
 * depend on how often it was interrupted either is shown by {@link ChaosIT}.
 */
@Execution(ExecutionMode.CONCURRENT)
final class RankCountIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final String STEPS = "step-000000008";
  private static final String LEARNT = "step-000000096";

  @TempDir static Path folder;

  @BeforeAll
  static void data() {
    run("local[1]", "generate", path("raw"), "--train", "128", "--val", "20", "--size", "64");
    run("local[1]", "prepare", "imagenet", path("raw"), path("data"));
    train("local[1]", "one", "1", "2");
  }

  @Test
  void oneAndTwoRanksTrainTheSameWeightsBitForBit() throws IOException {
    // takes connections and never says a word
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String[] tracked = {
        "-D", "track.mlflow=http://127.0.0.1:" + silent.getLocalPort(),
        "-D", "track.mlflow-timeout=2s",
        "-D", "track.mlflow-linger=1s",
        "-D", "track.histogram-every-steps=4"
      };
      train("local-cluster[2,1,1024]", "two", "2", "2", tracked);
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
  void ranksThatSparkAuthenticatesEncryptAndTrainTheSameWeightsBitForBit() throws IOException {
    String[] words = words("encrypted", "2", "2");
    Result result =
        secured("local-cluster[2,1,1024]")
            .run(LIMIT, with(words, "-D", "cluster.ports=17100-17140"));
    assertThat(result.exit()).as(result.output()).isZero();

    assertSameWeights(checkpoint("one"), checkpoint("encrypted"));
  }

  @Test
  void clearTextIsRefusedWhereSparkSecuresItsOwnConnections() {
    String[] words = words("clear", "2", "2");
    Result result = secured("local[2]").run(LIMIT, with(words, "-D", "cluster.encryption=off"));

    assertThat(result.exit()).as(result.output()).isEqualTo(2);
    assertThat(result.output())
        .contains("in clear text", "spark.authenticate = true", "set cluster.encryption = auto");
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

  @Test
  void pathsThatTrainingDropsAreTheSameForAnyNumberOfRanks() throws IOException {
    String[] dropping = {"-D", "model.name=efficientvmamba_t"};
    train("local[1]", "dropping-one", "1", "1", dropping);
    train("local-cluster[2,1,1024]", "dropping-two", "2", "1", dropping);

    assertSameWeights(
        checkpoint("dropping-one", "step-000000004"), checkpoint("dropping-two", "step-000000004"));
  }

  @Test
  void whatPublishedRecipesAddIsTheSameForAnyNumberOfRanks() throws IOException {
    String[] adding = {
      "-D", "batch.accumulate=2",
      "-D", "mesa.ratio=1",
      "-D", "mesa.start=0",
      "-D", "clip.norm=0",
      "-D", "clip.adaptive=0.02",
      "-D", "freeze.names=[\"patch_embed.*\"]",
      "-D", "freeze.norms=running"
    };
    train("local[1]", "adding-one", "1", "2", adding);
    train("local-cluster[2,1,1024]", "adding-two", "2", "2", adding);

    assertSameWeights(
        checkpoint("adding-one", "step-000000004"), checkpoint("adding-two", "step-000000004"));
  }

  @Test
  void batchNormsOfTheWholeBatchAreTheSameForAnyNumberOfRanks() throws IOException {
    String[] together = {"-D", "sync.batch-norm=batch", "-D", "log.profile-steps=1"};
    train("local[1]", "together-one", "1", "1", together);
    train("local-cluster[2,1,1024]", "together-two", "2", "1", together);

    Checkpoint one = checkpoint("together-one", "step-000000004");
    assertSameWeights(one, checkpoint("together-two", "step-000000004"));
    assertThat(one.meta().recipe()).contains("batch-norm");
    assertThat(folder.resolve("together-two/trace.json"))
        .content()
        .contains("elapid_batch_moments");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinyvim_s", "mobilemamba_b1"})
  void otherFamiliesTrainAndEvaluateToo(String model) throws IOException {
    train("local[1]", model, "1", "1", "-D", "model.name=" + model);

    Checkpoint end = checkpoint(model, "step-000000004");
    assertThat(end.meta().model()).isEqualTo(model);
    assertThat(end.model().keySet()).isEqualTo(end.ema().keySet());
    Result evaluated =
        new ElapidRun(folder)
            .submit("--master", "local[1]")
            .run(LIMIT, "evaluate", "--weights", path(model), "--data", path("data"));
    assertThat(evaluated.exit()).as(evaluated.output()).isZero();
    assertThat(evaluated.output()).containsPattern("top-1 [\\d.]+ %.* over 20 pictures");
  }

  @Test
  void averagingRanksEndsWithOneModel() throws IOException {
    train(
        "local-cluster[2,1,1024]",
        "average",
        "2",
        "2",
        "-D",
        "sync.mode=average",
        "-D",
        "sync.every=3",
        "-D",
        "batch.size=30",
        "-D",
        "batch.shards=3");

    assertThat(checkpoint("average").meta().step()).isEqualTo(8);
  }

  @Test
  void dl4jLearnsToTheBitsOfAveragingThoughAnExecutorIsKilled() throws IOException {
    String[] learning = {
      "-D", "model.image-size=32",
      "-D", "data.validation-split=train",
      "-D", "evaluation.every-epochs=8",
      "-D", "checkpoint.every-epochs=8",
      "-D", "sync.every=5"
    };
    train(
        "local-cluster[2,1,1024]",
        "averaged",
        "2",
        "24",
        with(learning, "-D", "sync.mode=average"));
    Result result =
        new ElapidRun(folder)
            .submit("--master", "local-cluster[2,1,1024]", "--executor-memory", "700m")
            .submit("--conf", "spark.elapid.fault=kill rank=1 step=33 phase=compute after=0")
            .run(LIMIT, with(words("dl4j", "2", "24"), with(learning, "-D", "sync.mode=dl4j")));
    assertThat(result.exit()).as(result.output()).isZero();

    assertSameWeights(checkpoint("averaged", LEARNT), checkpoint("dl4j", LEARNT));
    List<JsonNode> events = events("dl4j");
    assertThat(of(events, "fault")).hasSize(1);
    assertThat(of(events, "attempt_failed")).isEmpty();
    List<JsonNode> steps = of(events, "step");
    assertThat(steps).extracting(step -> step.path("step").asInt()).doesNotHaveDuplicates();
    assertThat(steps.get(steps.size() - 1).path("loss").asDouble())
        .isLessThan(0.9 * steps.get(0).path("loss").asDouble());
    Result evaluated =
        new ElapidRun(folder)
            .submit("--master", "local[1]")
            .run(
                LIMIT,
                "evaluate",
                "--weights",
                path("dl4j"),
                "--data",
                path("data"),
                "--split",
                "train");
    assertThat(evaluated.exit()).as(evaluated.output()).isZero();
    // by chance 10 %
    assertThat(evaluated.output())
        .containsPattern("top-1 (2[5-9]|[3-9]\\d)\\.\\d+ %.* over 128 pictures");
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

  @Test
  void ranksThatCompressTheirGradientsEndWithOneModel() throws IOException {
    train(
        "local-cluster[2,1,1024]",
        "compressed",
        "2",
        "2",
        "-D",
        "sync.compression=top-k",
        "-D",
        "sync.top-k=0.05");

    assertThat(checkpoint("compressed").meta().step()).isEqualTo(8);
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
    return checkpoint(run, STEPS);
  }

  private static Checkpoint checkpoint(String run, String step) throws IOException {
    return CheckpointStore.read(
        new Configuration(), new org.apache.hadoop.fs.Path(path(run), "checkpoints/" + step));
  }

  private static void train(
      String master, String run, String ranks, String epochs, String... more) {
    run(master, with(words(run, ranks, epochs), more));
  }

  private static String[] words(String run, String ranks, String epochs) {
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
      "schedule.epochs=" + epochs,
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

  private static void run(String master, String... words) {
    Result result =
        new ElapidRun(folder)
            .submit("--master", master, "--executor-memory", "700m")
            .run(LIMIT, words);
    assertThat(result.exit()).as(result.output()).isZero();
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }
}
