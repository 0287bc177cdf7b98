package io.elapid.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.observe.RunFeed;
import io.elapid.observe.track.MlflowStandIn;
import io.elapid.observe.track.MlflowStandIn.Health;
import io.elapid.worker.SmallData;
import io.elapid.worker.SplitScore;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What recipes add to plain training does not depend on the number of ranks either, nor on the
 * health of the MLflow server that is told of it: whole jobs on Spark in this process, whose ranks
 * talk over sockets. That ranks in JVMs of their own come to the same bits is shown through the
 * launcher.
 */
final class RankCountTest {
  private static final Configuration CONF = new Configuration();
  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  private static final Map<String, String> SPARK =
      Map.of(
          "spark.master", "local[4]",
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1");
  private static final int VALIDATION = 20;

  @TempDir static Path folder;
  private static String data;
  private static Session session;

  @BeforeAll
  static void start() throws Exception {
    data = SmallData.prepare(folder, 64, VALIDATION).toString();
    SPARK.forEach(System::setProperty);
    session = Session.open("ranks");
  }

  @AfterAll
  static void stop() {
    if (session != null) {
      session.close();
    }
    SPARK.keySet().forEach(System::clearProperty);
  }

  @Test
  void pathsThatTrainingDropsAreTheSameForAnyNumberOfRanks() throws Exception {
    assertAlike("dropping", 2, in(Health.SLOW), "model.name=efficientvmamba_t");
  }

  @Test
  void whatPublishedRecipesAddIsTheSameForAnyNumberOfRanks() throws Exception {
    assertAlike(
        "adding",
        4,
        in(Health.FAILING),
        "batch.accumulate=2",
        "mesa.ratio=1",
        "mesa.start=0",
        "clip.norm=0",
        "clip.adaptive=0.02",
        "freeze.names=[\"patch_embed.*\"]",
        "freeze.norms=running",
        "schedule.epochs=2");
  }

  @Test
  void batchNormsOfTheWholeBatchAreTheSameForAnyNumberOfRanks() throws Exception {
    MlflowStandIn down = in(Health.WELL);
    down.close();
    Checkpoint end =
        assertAlike("together", 4, down, "sync.batch-norm=batch", "log.profile-steps=1");

    assertThat(end.meta().recipe()).contains("batch-norm");
    assertThat(folder.resolve("together-4/traces/rank-00003.json"))
        .content()
        .contains("elapid_batch_moments");
  }

  @Test
  void ranksThatKeepTheirMapsEndWithTheSameBits() throws Exception {
    Checkpoint anew = CheckpointStore.read(CONF, train("anew", 1).checkpoint());
    Checkpoint kept =
        CheckpointStore.read(CONF, train("kept", 2, "cluster.recompute=nothing").checkpoint());
    assertSame(anew.model(), kept.model());
    assertSame(anew.state(), kept.state());
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinyvim_s", "mobilemamba_b1"})
  void otherFamiliesTrainAndEvaluateToo(String model) throws Exception {
    TrainResult result = train(model, 1, "model.name=" + model);

    Checkpoint end = CheckpointStore.read(CONF, result.checkpoint());
    assertThat(end.meta().model()).isEqualTo(model);
    assertThat(end.model().keySet()).isEqualTo(end.ema().keySet());
    SavedModel saved =
        SavedModel.open(
            CONF, result.checkpoint(), ModelWeights.Variant.MODEL, Optional.empty(), List.of());
    SplitScore score =
        new EvaluateJob(session, NOWHERE)
            .run(saved, new org.apache.hadoop.fs.Path(data), "val", Optional.empty());
    assertThat(score.samples()).isEqualTo(VALIDATION);
    for (String measure : List.of("loss", "top1", "top5")) {
      assertThat(score.measures().get(measure))
          .as(measure)
          .isCloseTo(result.score().measures().get(measure), within(1e-6));
    }
  }

  @Test
  void picturesASecondAreThoseOfTheStepsAloneAndTheLastStepIsTold() throws Exception {
    TrainResult result =
        train(
            "told",
            1,
            "log.every-steps=1000",
            "schedule.epochs=1000",
            "schedule.steps=9",
            "schedule.cooldown-epochs=0",
            "track.tensorboard=off");

    List<JsonNode> steps = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("told-1/metrics.jsonl"))) {
      JsonNode event = new JsonMapper().readTree(line);
      if (event.path("event").asText().equals("step")) {
        steps.add(event);
      }
    }
    assertThat(result.score().samples()).isEqualTo(VALIDATION);
    assertThat(steps).extracting(event -> event.path("step").asInt()).containsExactly(4, 8, 9);
    for (int i = 1; i < steps.size(); i++) {
      double seconds = seconds(steps.get(i)) - seconds(steps.get(i - 1));
      int done = steps.get(i).path("step").asInt() - steps.get(i - 1).path("step").asInt();
      assertThat(steps.get(i).path("samples_per_second").asDouble())
          .isGreaterThan(0.5 * 16 * done / seconds);
    }
  }

  private static double seconds(JsonNode step) {
    return Stream.of("data_seconds", "compute_seconds", "sync_seconds", "update_seconds")
        .mapToDouble(phase -> step.path(phase).asDouble())
        .sum();
  }

  @Test
  void averagingRanksEndsWithOneModel() throws Exception {
    TrainResult result =
        train("average", 2, "sync.mode=average", "sync.every=3", "batch.size=15", "batch.shards=3");

    assertThat(CheckpointStore.read(CONF, result.checkpoint()).meta().step()).isEqualTo(4);
  }

  /** Of two numbers there is one sum; of more, DL4J adds in the order in which tasks end. */
  @Test
  void averagingTwoRanksByDl4jEndsWithTheSameBitsAsOurs() throws Exception {
    Checkpoint ours =
        CheckpointStore.read(
            CONF, train("ours", 2, "sync.mode=average", "sync.every=3").checkpoint());
    Checkpoint theirs =
        CheckpointStore.read(CONF, train("dl4j", 2, "sync.mode=dl4j", "sync.every=3").checkpoint());
    assertThat(theirs.meta().step()).isEqualTo(4);
    assertSame(ours.model(), theirs.model());
    assertSame(ours.state(), theirs.state());
  }

  @ParameterizedTest
  @ValueSource(strings = {"average", "dl4j"})
  void averagingThreeRanksLeavesWhatIsFrozenAsItWas(String mode) throws Exception {
    String[] frozen = {
      "batch.size=12",
      "batch.shards=3",
      "schedule.epochs=1",
      "freeze.names=[\"patch_embed.*\"]",
      "freeze.norms=running",
      "sync.every=2",
      "sync.mode=" + mode
    };
    Checkpoint alone = CheckpointStore.read(CONF, train("frozen-" + mode, 1, frozen).checkpoint());
    Checkpoint three = CheckpointStore.read(CONF, train("frozen-" + mode, 3, frozen).checkpoint());
    for (String name : alone.model().keySet()) {
      if (name.startsWith("patch_embed.")) {
        assertThat(three.model().get(name).data())
            .as(name)
            .isEqualTo(alone.model().get(name).data());
        assertThat(three.ema().get(name).data()).as(name).isEqualTo(alone.ema().get(name).data());
      }
    }
  }

  @Test
  void ranksThatCompressTheirGradientsEndWithOneModel() throws Exception {
    TrainResult result = train("compressed", 2, "sync.compression=top-k", "sync.top-k=0.05");

    assertThat(CheckpointStore.read(CONF, result.checkpoint()).meta().step()).isEqualTo(4);
  }

  /** A rank that is killed while it saves cannot clean up after itself. */
  @Test
  void whatAnAttemptHasLeftOfACheckpointGoesBeforeTheNext() throws Exception {
    Path left = folder.resolve("failing-1/checkpoints/_writing-step-000000001-killed");
    SparkConf conf = session.spark().sc().conf();
    conf.set("spark.elapid.fault", "fail rank=0 step=2 phase=compute after=0");
    try (RunFeed.Subscription killed = RunFeed.subscribe(line -> interrupted(line, left))) {
      train("failing", 1);
    } finally {
      conf.remove("spark.elapid.fault");
    }

    assertThat(folder.resolve("failing-1/metrics.jsonl")).content().contains("attempt_failed");
    assertThat(left).doesNotExist();
    assertThat(left.getParent()).isNotEmptyDirectory();
  }

  private static String interrupted(String line, Path left) {
    try {
      if (line.contains("\"kind\":\"FAIL\"")) {
        Files.createDirectories(left);
      }
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Trains on one rank, and on several that tell the server, and returns what all of them end with.
   */
  private static Checkpoint assertAlike(
      String run, int ranks, MlflowStandIn server, String... overrides) throws Exception {
    Checkpoint alone = CheckpointStore.read(CONF, train(run, 1, overrides).checkpoint());
    String[] told = Arrays.copyOf(overrides, overrides.length + 1);
    told[overrides.length] = "track.mlflow=" + server.address();
    Checkpoint several;
    try (server) {
      several = CheckpointStore.read(CONF, train(run, ranks, told).checkpoint());
    }
    assertThat(several.meta().step()).isEqualTo(4);
    assertThat(folder.resolve(run + "-" + ranks).resolve("mlflow")).isNotEmptyDirectory();
    assertSame(alone.model(), several.model());
    assertSame(alone.ema(), several.ema());
    assertSame(alone.state(), several.state());
    return several;
  }

  private static MlflowStandIn in(Health health) throws IOException {
    MlflowStandIn server = new MlflowStandIn();
    server.health(health);
    return server;
  }

  private static void assertSame(Map<String, NamedTensor> one, Map<String, NamedTensor> other) {
    assertThat(other.keySet()).isEqualTo(one.keySet());
    one.forEach(
        (name, tensor) -> assertThat(other.get(name).data()).as(name).isEqualTo(tensor.data()));
  }

  private static TrainResult train(String run, int ranks, String... overrides) throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of(
                "data.path=" + data,
                "output=" + folder.resolve(run + "-" + ranks),
                "cluster.ranks=" + ranks,
                "model.name=efficientvim_nano",
                "schedule.type=constant",
                "schedule.warmup-epochs=0",
                "schedule.epochs=1",
                "batch.size=16",
                "checkpoint.every-epochs=1",
                "evaluation.every-epochs=1",
                "ema.decay=0.9"));
    all.addAll(List.of(overrides));
    Recipe recipe = RecipeLoader.load("quickstart", all);
    return new TrainJob(session, recipe, NOWHERE).run();
  }
}
