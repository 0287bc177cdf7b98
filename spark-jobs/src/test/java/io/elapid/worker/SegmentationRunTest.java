package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.PictureLoading;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.LabelMap;
import io.elapid.data.image.Resize;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.FramedPictures;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.data.loader.ShardPlan;
import io.elapid.engine.Evaluator;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import io.elapid.graph.Mode;
import io.elapid.job.ExportFormat;
import io.elapid.predict.Prediction;
import io.elapid.task.evaluation.SegmentationMetrics;
import io.elapid.task.segmentation.Segmenter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  private static final Configuration CONF = new Configuration();
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
  void aNetworkStaysCompiledForAllFramesOfItsRecipe() throws Exception {
    assertThat(FramedTask.of(CONF, recipe("task.frames=40"), 150).trainer().frames()).isEqualTo(40);
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
  void aRunWithOtherTensorsIsToldToTakeItsRecipe() throws Exception {
    Checkpoint from = LoneRank.checkpoints(whole.checkpoints()).get(0);
    Recipe other = recipe("task.neck.channels=32");
    assertThatThrownBy(() -> new LoneRank(folder).train("other-neck", other, from))
        .isInstanceOfSatisfying(
            InputException.class,
            e ->
                assertThat(e.remedy())
                    .contains("recipe that began this run", from.path().getName()))
        .hasMessageContaining("of another shape: neck.lateral_convs.0.conv.weight");
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

  /** The last map of these pictures has four pixels, which is all that two of the heads see. */
  @ParameterizedTest
  @CsvSource({"deeplabv3, 0.7", "pspnet, 0.7", "upernet, 0.6"})
  void otherHeadsLearnThemToo(String head, double most) throws Exception {
    List<String> overrides =
        List.of(
            "data.path=" + SmallData.ofScenes(folder.resolve(head), 4),
            "data.validation-split=train",
            "data.train-transforms=[{type=reduce-zero-label},{type=square-resize}]",
            "data.eval-transforms=[{type=reduce-zero-label},{type=square-resize}]",
            "model.image-size=128",
            "task.head={type=%s,channels=24}".formatted(head),
            "batch.shards=1",
            "schedule.steps=40",
            "checkpoint.every-steps=0",
            "checkpoint.every-epochs=100");
    Recipe recipe = LoneRank.recipe(RECIPE, overrides);
    LoneRank.Run run = new LoneRank(folder).train(head + "-run", recipe);
    Map<String, NamedTensor> learnt = LoneRank.checkpoints(run.checkpoints()).get(0).model();
    assertThat(learnt).containsKey("auxiliary_head.convs.0.conv.weight");
    assertThat(loss(recipe, learnt)).isLessThan(most * loss(recipe, Map.of()));
    // without the auxiliary head, and with batch norms folded away
    Scoring scoring = Scoring.of(recipe, SmallData.SCENE_CLASSES);
    SplitScore deployed = scoring.merged(LoneRank.evaluated(run, recipe, "train", 1));
    SplitScore trained = scoring.merged(List.of(run.score()));
    assertThat(deployed.samples()).isEqualTo(4);
    assertThat(deployed.measures().get("aacc"))
        .isCloseTo(trained.measures().get("aacc"), within(0.01));
  }

  private static double loss(Recipe recipe, Map<String, NamedTensor> weights) throws Exception {
    int classes = SmallData.SCENE_CLASSES;
    try (LearningTask<SegmentationBatch> task =
            new FramedTask<>(CONF, recipe, classes, new LabelForm(recipe, classes));
        BatchLoader<SegmentationBatch> batches = task.training(ShardPlan.of(1, 0, 1, 4), 0);
        Trainer<SegmentationBatch> trainer = new Trainer<>(task.trainer())) {
      if (!weights.isEmpty()) {
        trainer.load(weights);
      }
      StepStats stats = trainer.apply(trainer.computeShard(batches.next()), 1, 1e-6);
      assertThat(stats.figures()).containsOnlyKeys(Segmenter.LOSS, Segmenter.AUXILIARY_LOSS);
      return stats.loss();
    }
  }

  @Test
  void headsThatDoNotFitAreNamed() {
    assertThatThrownBy(() -> recipe("task.head.type=retinanet"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("retinanet is no head for task.type = semantic-segmentation");
    assertThatThrownBy(() -> recipe("task.head.type=pspnet", "batch.shards=4"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("batch.size must be at least twice batch.shards");
  }

  @Test
  void aFolderOfTheNetworkSaysTheSameAndSoDoesItsOnnx() throws Exception {
    ExportedFolder exported =
        ExportedFolder.of(
            whole, folder.resolve("model"), Set.of(ExportFormat.MODEL, ExportFormat.ONNX));
    JsonNode config = exported.config();
    assertThat(config.path("task").asText()).isEqualTo("semantic-segmentation");
    assertThat(config.path("preprocessing").path("steps")).hasSize(2);
    assertThat(config.path("onnx").path("outputs")).hasToString("{\"scores\":[150,4,4]}");
    assertThat(exported.card())
        .contains("gives every pixel one of 150 classes", "| miou |", ").labelMap()", "`scores`");
    List<byte[]> pictures = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      pictures.add(
          Files.readAllBytes(ADE20K.resolve("images/validation/ADE_val_%08d.jpg".formatted(i))));
    }
    List<Prediction> said =
        exported.sayingWhatPredictSays(LoneRank.prediction(whole, recipe()), pictures);
    Image first = ImageCodec.decode(pictures.get(0));
    assertThat(said.get(0).labelMap().width()).isEqualTo(first.width());
    assertThat(said.get(0).labelMap().height()).isEqualTo(first.height());
    requireSameScores(exported.path().resolve("model.onnx"), pictures);
  }

  /** Of squares of the pictures, both at once in ONNX Runtime and one by one in ours. */
  private static void requireSameScores(Path onnx, List<byte[]> pictures) throws Exception {
    Recipe recipe = recipe();
    LabelForm form = new LabelForm(recipe, 150);
    FramedPictures<SegmentationBatch> squares =
        FramedPictures.ofLabels(PictureLoading.framed(recipe, 150, recipe.data().evalTransforms()));
    float[] images = new float[pictures.size() * 3 * 64 * 64];
    float[] ours = new float[pictures.size() * 150 * 4 * 4];
    try (Evaluator<SegmentationBatch> evaluator =
        new FramedTask<>(CONF, recipe, 150, form)
            .evaluator(Mode.DEPLOY, LoneRank.checkpoints(whole.checkpoints()).get(0).model())) {
      for (int i = 0; i < pictures.size(); i++) {
        Image picture = Resize.crop(ImageCodec.decode(pictures.get(i)), 0, 0, 64, 64);
        SegmentationBatch batch = squares.batch("square", picture);
        int pixels = images.length / pictures.size();
        batch.images().asFloatBuffer().get(images, i * pixels, pixels);
        int scores = ours.length / pictures.size();
        evaluator.answers(batch).floats("scores").get(ours, i * scores, scores);
      }
    }
    float[] theirs = OnnxScores.of(onnx, images, pictures.size(), 3, 64, 64);
    assertThat(theirs).hasSameSizeAs(ours);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < ours.length; i++) {
      largest = Math.max(largest, Math.abs(ours[i]));
      difference = Math.max(difference, Math.abs(theirs[i] - ours[i]));
    }
    assertThat(largest).isGreaterThan(0.1);
    assertThat(difference / largest).isLessThan(1e-4);
  }

  @Test
  void picturesAreDrawnOverWithWhatWasFound() throws Exception {
    byte[] picture = Files.readAllBytes(ADE20K.resolve("images/validation/ADE_val_00000001.jpg"));
    PredictTask task = LoneRank.prediction(whole, recipe());
    List<PictureAnswer> found =
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
