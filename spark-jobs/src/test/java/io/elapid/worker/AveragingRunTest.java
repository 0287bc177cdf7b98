package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.elapid.checkpoint.Checkpoint;
import io.elapid.collective.InProcess;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.loader.ShardPlan;
import io.elapid.dl4j.AveragingRounds;
import io.elapid.engine.Trainer;
import io.elapid.observe.ElapidPlugin;
import io.elapid.observe.RunFeed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What DL4J makes of two ranks of a run, on two threads of Spark in this process. */
final class AveragingRunTest {
  private static final int RANKS = 2;
  private static final int STEPS = 3;
  private static final String RECIPE =
      """
      model { name = efficientvim_nano, image-size = 32 }
      data { loader-threads = 1, prefetch = 1 }
      batch { size = 8, shards = 2, accumulate = 2 }
      schedule {
        epochs = 2, warmup-epochs = 1, cooldown-epochs = 0
        learning-rate = 2e-3, warmup-learning-rate = 1e-4, min-learning-rate = 1e-5
      }
      clip.norm = 1
      ema.decay = 0.9
      sync { mode = dl4j, every = 2 }
      cluster.ranks = 2
      evaluation { batch-size = 8, every-epochs = 2 }
      checkpoint { every-epochs = 2, keep = 10 }
      log.every-steps = 1
      """;

  /** A rank of the second attempt at a run fails. */
  private static final String FAULT =
      "fail rank=9 step=0 phase=start after=0;fail rank=1 step=3 phase=compute after=0";

  @TempDir static Path folder;
  private static JavaSparkContext spark;
  private static Recipe recipe;

  @BeforeAll
  static void start() throws Exception {
    recipe =
        LoneRank.recipe(RECIPE, List.of("data.path=" + SmallData.prepare(folder, 16 * STEPS, 8)));
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2]")
                .setAppName("averaging")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.plugins", ElapidPlugin.class.getName())
                .set(Fault.PROPERTY, FAULT));
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @Test
  void aRoundEndsWithTheMeanOfTwoSingleTrainingsRunningStatisticsAndMomentsIncluded()
      throws Exception {
    float[][] single = {alone(0), alone(1)};

    float[] averaged = together();

    int different = 0;
    for (int i = 0; i < averaged.length; i++) {
      double mean = ((double) single[0][i] + single[1][i]) / 2;
      assertThat((double) averaged[i]).as("element %d", i).isEqualTo((float) mean);
      different += single[0][i] == single[1][i] ? 0 : 1;
    }
    // or else the mean would say nothing
    assertThat(different).isGreaterThan(averaged.length * 9 / 10);
  }

  private static float[] alone(int rank) throws Exception {
    try (RankNetwork<?> network =
        RankNetwork.open(new Configuration(), recipe, SmallData.CLASSES)) {
      Trainer<?> trainer = network.trainer();
      ShardPlan plan =
          ShardPlan.of(recipe.batch().stepShards(), rank, RANKS, recipe.batch().samplesPerShard());
      long stepsPerEpoch = network.openData(plan, 0);
      assertThat(stepsPerEpoch).isEqualTo(STEPS);
      PhaseClock clock = new PhaseClock();
      StepSync.OwnShards own =
          new StepSync.OwnShards(
              network.parts(
                  InProcess.single(),
                  plan,
                  clock,
                  new StepTrace(rank, "", clock, 0, 0, 0),
                  new StepSamples()));
      for (int step = 0; step < STEPS; step++) {
        double rate = LearningRate.of(recipe, stepsPerEpoch).learningRate(step);
        trainer.apply(own.sum(), plan.count(), rate);
      }
      return floats(state(trainer));
    }
  }

  private static float[] together() throws Exception {
    AveragingTask task =
        new AveragingTask(new LoneRank(folder).task("mean", 0, recipe, null), RANKS);
    try (RankNetwork<?> network =
        RankNetwork.open(new Configuration(), recipe, SmallData.CLASSES)) {
      ByteBuffer state = state(network.trainer());
      try (AveragingRounds rounds =
          new AveragingRounds(spark, RANKS, network.trainer().averagedLength(), STEPS, task)) {
        rounds.load(state);
        rounds.run(Placement.ranks(spark.sc(), RANKS, Map.of()), 0, STEPS);
        rounds.store(state);
      }
      return floats(state);
    }
  }

  private static ByteBuffer state(Trainer<?> trainer) {
    ByteBuffer state = StepSync.floats(trainer.averagedLength());
    trainer.averagingShare(1, state);
    return state;
  }

  private static float[] floats(ByteBuffer state) {
    FloatBuffer buffer = state.asFloatBuffer();
    float[] values = new float[buffer.capacity()];
    buffer.get(values);
    return values;
  }

  @Test
  void aRunThatIsStoppedBetweenTwoRoundsGoesOnToTheSameBits() throws Exception {
    train(new LoneRank(folder).task("whole", 0, recipe, null), () -> false);
    AtomicInteger rounds = new AtomicInteger();

    assertThatThrownBy(
            () ->
                train(
                    new LoneRank(folder).task("halves", 0, recipe, null),
                    () -> rounds.getAndIncrement() == 1))
        .isInstanceOf(StoppedException.class)
        .hasMessageContaining("step 2");
    Checkpoint half = newest("halves");
    assertThat(half.meta().step()).isEqualTo(2);
    train(new LoneRank(folder).task("halves", 0, recipe, half), () -> false);

    assertThat(newest("halves").meta().step()).isEqualTo(2 * STEPS);
    assertThat(newest("halves").meta().metrics()).containsKey("top1");
    assertThat(LoneRank.bits(newest("halves"))).isEqualTo(LoneRank.bits(newest("whole")));
    assertThat(newest("halves").state().keySet()).isEqualTo(newest("whole").state().keySet());
  }

  private static void train(TrainTask task, BooleanSupplier stop) throws Exception {
    AveragingRun.train(spark, RANKS, task, stop, () -> spark.sc().cancelAllJobs());
  }

  private static Checkpoint newest(String run) throws Exception {
    return LoneRank.checkpoints(
            new org.apache.hadoop.fs.Path(folder.resolve(run).resolve("checkpoints").toUri()))
        .get(0);
  }

  @Test
  void everyStepIsToldOnceAndARankThatFailsSaysWhereAndWhy() throws Exception {
    List<JsonNode> events = new CopyOnWriteArrayList<>();
    JsonMapper json = new JsonMapper();
    try (RunFeed.Subscription told =
        RunFeed.subscribe(
            line -> {
              try {
                events.add(json.readTree(line));
                return "";
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })) {
      TrainTask failing = new LoneRank(folder).task("failing", 1, recipe, null);

      assertThatThrownBy(() -> train(failing, () -> false)).isNotInstanceOf(StoppedException.class);
    }
    JsonNode failure = of(events, "failure").get(0);
    assertThat(failure.path("rank").asInt()).isEqualTo(1);
    assertThat(failure.path("step").asInt()).isEqualTo(3);
    assertThat(failure.path("phase").asText()).isEqualTo("computing gradients");
    assertThat(failure.path("message").asText()).isEqualTo("a fault made to order");
    assertThat(of(events, "step"))
        .extracting(step -> step.path("step").asLong())
        .startsWith(1L, 2L)
        .doesNotHaveDuplicates();
  }

  private static List<JsonNode> of(List<JsonNode> events, String kind) {
    return events.stream().filter(event -> event.path("event").asText().equals(kind)).toList();
  }

  @Test
  void settingsOfSparkThatWouldSpoilItAreRefused() {
    assertThatThrownBy(
            () ->
                AveragingRun.check(
                    new SparkConf(false)
                        .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("spark.serializer");
    assertThatThrownBy(
            () -> AveragingRun.check(new SparkConf(false).set("spark.speculation", "true")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("spark.speculation");
    AveragingRun.check(new SparkConf(false));
  }

  @Test
  void ranksOfUnequalSharesAreLeftOutUnlessTheRecipeNeedsThem() {
    Recipe elastic = LoneRank.recipe(RECIPE, List.of("cluster.ranks=4", "cluster.min-ranks=1"));
    assertThat(AveragingRun.even(elastic, 4)).isEqualTo(4);
    assertThat(AveragingRun.even(elastic, 3)).isEqualTo(2);
    Recipe stiff = LoneRank.recipe(RECIPE, List.of("cluster.ranks=4", "cluster.min-ranks=3"));
    assertThatThrownBy(() -> AveragingRun.even(stiff, 3))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("there are 3 task slots, of which 2 can be used");
  }
}
