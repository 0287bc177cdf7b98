package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.config.Recipe;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.predict.Prediction;
import io.elapid.task.evaluation.SegmentationMetrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A class for every pixel, from shards to results, on a real rank. */
final class SegmentationRunTest {
  private static final String RECIPE =
      """
      task { type = semantic-segmentation, frames = 2 }
      model { name = efficientvim_nano, image-size = 64 }
      data {
        loader-threads = 1, prefetch = 1
        train-transforms = [
          { type = reduce-zero-label }
          { type = ratio-range-resize, long-side = 256, short-side = 64 }
          { type = random-crop }
          { type = horizontal-flip }
          { type = pad-square }
        ]
        eval-transforms = [
          { type = reduce-zero-label }
          { type = keep-ratio-resize, long-side = 256, short-sides = [64] }
          { type = pad, divisor = 64 }
        ]
      }
      batch { size = 4, shards = 2 }
      optimizer { weight-decay = 1e-4, decayed = all }
      schedule {
        type = poly, steps = 24, learning-rate = 2e-3, min-learning-rate = 1e-6
        warmup-epochs = 0, warmup-learning-rate = 0, cooldown-epochs = 0
      }
      checkpoint { every-steps = 12, keep = 10 }
      evaluation { batch-size = 2, every-epochs = 100 }
      """;
  private static final Path ADE20K =
      Path.of("../data-prep/src/test/resources/ade20k/ADEChallengeData2016");

  @TempDir static Path folder;
  private static org.apache.hadoop.fs.Path data;
  private static LoneRank.Run whole;

  @BeforeAll
  static void trained() throws Exception {
    data = SmallData.ofPixels(folder);
    whole = train("whole");
  }

  private static Recipe recipe(String... overrides) {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("data.path=" + data);
    return LoneRank.recipe(RECIPE, all);
  }

  private static LoneRank.Run train(String run, String... overrides) throws Exception {
    return new LoneRank(folder).train(run, recipe(overrides));
  }

  private static SplitScore merged(List<String> shares) {
    return Scoring.of(recipe(), 150).merged(shares);
  }

  @Test
  void everyPictureIsMeasuredAndTheCheckpointKeepsTheResult() throws Exception {
    SplitScore score = merged(List.of(whole.score()));
    assertThat(score.samples()).isEqualTo(10);
    assertThat(score.measures().get("miou")).isPositive();
    assertThat(LoneRank.checkpoints(whole.checkpoints()).get(0).meta().metrics())
        .isEqualTo(score.measures());
  }

  @Test
  void aRunCutInTwoEndsLikeAnUncutOneBitForBit() throws Exception {
    List<Checkpoint> all = LoneRank.checkpoints(whole.checkpoints());
    Checkpoint middle = all.get(all.size() - 1);
    assertThat(middle.meta().step()).isLessThan(24);
    LoneRank.Run rest = new LoneRank(folder).train("rest", recipe(), middle);
    assertThat(rest.score()).isEqualTo(whole.score());
    Checkpoint end = LoneRank.checkpoints(rest.checkpoints()).get(0);
    assertThat(LoneRank.bits(end)).isEqualTo(LoneRank.bits(all.get(0)));
  }

  @Test
  void sharesOfAnEvaluationAddUpWhateverTheirNumber() throws Exception {
    SplitScore one = merged(LoneRank.evaluated(whole, recipe(), "val", 1));
    SplitScore three = merged(LoneRank.evaluated(whole, recipe(), "val", 3));
    assertThat(three.encode()).isEqualTo(one.encode());
    // folded batch norms round otherwise
    assertThat(one.measures().get("aacc"))
        .isCloseTo(merged(List.of(whole.score())).measures().get("aacc"), within(0.01));
  }

  @Test
  void resultsAreFilesThatMeasureAlike() throws Exception {
    Path results = folder.resolve("results");
    EvaluateTask task =
        LoneRank.evaluation(
            whole, recipe(), "val", 2, new org.apache.hadoop.fs.Path(results.toUri()).toString());
    SplitScore score = merged(LoneRank.evaluated(task));
    task.publish();
    SegmentationMetrics read = new SegmentationMetrics(150);
    for (int i = 1; i <= 10; i++) {
      String name = "ADE_val_%08d.png".formatted(i);
      LabelMap truth =
          ImageCodec.decodeLabels(
              Files.readAllBytes(ADE20K.resolve("annotations/validation").resolve(name)));
      LabelMap found = ImageCodec.decodeLabels(Files.readAllBytes(results.resolve(name)));
      read.add(truth.withoutZero(), found.withoutZero());
    }
    assertThat(read.toJson()).isEqualTo(score.encode());
    assertThat(score.sections(IntStream.range(0, 150).mapToObj(Integer::toString).toList()))
        .hasSize(1);
  }

  @Test
  void theBackboneStartsFromAClassifier() throws Exception {
    org.apache.hadoop.fs.Path pictures = SmallData.prepare(folder.resolve("classes"), 8, 8);
    Recipe classifier =
        LoneRank.recipe(
            """
            model { name = efficientvim_nano, image-size = 32 }
            batch { size = 8, shards = 2 }
            schedule { epochs = 1, warmup-epochs = 0, cooldown-epochs = 0 }
            """,
            List.of("data.path=" + pictures));
    org.apache.hadoop.fs.Path weights =
        new LoneRank(folder).train("classifier", classifier).checkpoints();
    Checkpoint started =
        LoneRank.checkpoints(
                train(
                        "started",
                        "model.weights=" + weights,
                        "schedule.steps=1",
                        "freeze.names=[\"backbone.*\"]",
                        "freeze.norms=running")
                    .checkpoints())
            .get(0);
    Checkpoint source = LoneRank.checkpoints(weights).get(0);
    long taken =
        source.model().values().stream()
            .filter(t -> started.model().containsKey("backbone." + t.name()))
            .peek(
                t ->
                    assertThat(started.model().get("backbone." + t.name()).data())
                        .as(t.name())
                        .isEqualTo(t.data()))
            .count();
    assertThat(taken).isGreaterThan(10);
    assertThat(started.model().keySet()).noneMatch(name -> name.startsWith("backbone.head"));
  }

  /** The mean IoU of the most frequent class everywhere would be 0.25. */
  @Test
  void aFewPicturesAreLearntByHeart() throws Exception {
    String[] overrides = {
      "data.path=" + SmallData.ofScenes(folder.resolve("few"), 4),
      "data.validation-split=train",
      "data.train-transforms=[{type=reduce-zero-label}]",
      "data.eval-transforms=[{type=reduce-zero-label}]",
      "model.name=tinyvim_s",
      "task.neck.channels=32",
      "batch.shards=1",
      "schedule.steps=80",
      "checkpoint.every-steps=0",
      "checkpoint.every-epochs=100"
    };
    LoneRank.Run run =
        new LoneRank(folder).train("few", LoneRank.recipe(RECIPE, List.of(overrides)));
    SplitScore score = Scoring.of(recipe(), SmallData.SCENE_CLASSES).merged(List.of(run.score()));
    assertThat(score.samples()).isEqualTo(4);
    assertThat(score.measures().get("miou")).isGreaterThan(0.6);
  }

  @Test
  void picturesAreDrawnOverWithWhatWasFound() throws Exception {
    byte[] picture = Files.readAllBytes(ADE20K.resolve("images/validation/ADE_val_00000001.jpg"));
    PredictTask task = LoneRank.prediction(whole, recipe());
    List<Prediction> found =
        task.run(
            List.of(
                    new PredictTask.BytesSource("one", picture),
                    new PredictTask.BytesSource("broken", Arrays.copyOf(picture, 40)))
                .iterator());
    assertThat(found.get(0).candidates()).isNotEmpty().hasSizeLessThanOrEqualTo(3);
    assertThat(found.get(0).candidates().get(0).probability()).isBetween(0.0, 1.0);
    assertThat(found.get(0).painted()).startsWith(0xFF, 0xD8);
    assertThat(found.get(1).problem()).isNotBlank();
  }
}
