package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.ShardPlan;
import io.elapid.data.shard.Manifest;
import io.elapid.engine.Trainer;
import io.elapid.predict.Prediction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects, from shards to results, on a real rank: a few pictures learnt by heart. */
final class DetectionRunTest {
  private static final int STEPS = 60;
  private static final int PICTURES = 2;
  private static final String RECIPE =
      """
      task { type = object-detection, frames = 3, neck.channels = 64 }
      model { name = efficientvim_nano, image-size = 64 }
      data {
        loader-threads = 1, prefetch = 1, validation-split = train
        train-transforms = [
          { type = keep-ratio-resize, long-side = 64, short-sides = [64] }
          { type = pad, divisor = 64 }
        ]
        eval-transforms = [
          { type = keep-ratio-resize, long-side = 64, short-sides = [64] }
          { type = pad, divisor = 64 }
        ]
      }
      batch { size = 2, shards = 1 }
      optimizer { weight-decay = 1e-4, decayed = all }
      clip { norm = 10 }
      schedule {
        type = step, steps = 60, milestones = [48], learning-rate = 1e-3
        min-learning-rate = 0, warmup-epochs = 0, warmup-learning-rate = 0, cooldown-epochs = 0
      }
      checkpoint { every-epochs = 1000, every-steps = 52, keep = 10 }
      evaluation { batch-size = 1, every-epochs = 1000, metric = ap50 }
      """;
  private static final Configuration CONF = new Configuration();

  @TempDir static Path folder;
  private static org.apache.hadoop.fs.Path data;
  private static LoneRank.Run whole;

  @BeforeAll
  static void trained() throws Exception {
    data = SmallData.ofObjects(folder, PICTURES, 1);
    whole = new LoneRank(folder).train("whole", recipe());
  }

  private static Recipe recipe(String... overrides) {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("data.path=" + data);
    return LoneRank.recipe(RECIPE, all);
  }

  private static SplitScore merged(List<String> shares) {
    return Scoring.of(recipe(), SmallData.OBJECT_CLASSES).merged(shares);
  }

  private static Map<String, NamedTensor> learnt() throws Exception {
    return LoneRank.checkpoints(whole.checkpoints()).get(0).model();
  }

  @Test
  void objectsAreFoundAndTheCheckpointKeepsTheResult() throws Exception {
    SplitScore score = merged(List.of(whole.score()));
    assertThat(score.samples()).isEqualTo(PICTURES);
    assertThat(score.measures())
        .containsOnlyKeys("ap", "ap50", "ap75", "aps", "apm", "apl", "ar100");
    assertThat(score.measures().get("ap50")).isGreaterThan(0.1);
    assertThat(LoneRank.checkpoints(whole.checkpoints()).get(0).meta().metrics())
        .isEqualTo(score.measures());
    assertThat(score.sections(List.of("first", "second"))).hasSize(1);
  }

  @Test
  void theLossHasFallen() throws Exception {
    try (LearningTask<DetectionBatch> task =
            new FramedTask<>(
                CONF,
                recipe(),
                SmallData.OBJECT_CLASSES,
                new ObjectForm(recipe(), SmallData.OBJECT_CLASSES));
        BatchLoader<DetectionBatch> batches = task.training(ShardPlan.of(1, 0, 1, 2), 0)) {
      DetectionBatch batch = batches.next();
      assertThat(loss(task, learnt(), batch)).isLessThan(0.5 * loss(task, Map.of(), batch));
    }
  }

  private static double loss(
      LearningTask<DetectionBatch> task, Map<String, NamedTensor> weights, DetectionBatch batch) {
    try (Trainer<DetectionBatch> trainer = new Trainer<>(task.trainer())) {
      if (!weights.isEmpty()) {
        trainer.load(weights);
      }
      return trainer.apply(trainer.computeShard(batch), 1, 1e-6).loss();
    }
  }

  @Test
  void aRunCutInTwoEndsLikeAnUncutOneBitForBit() throws Exception {
    List<Checkpoint> all = LoneRank.checkpoints(whole.checkpoints());
    Checkpoint middle = all.get(1);
    assertThat(middle.meta().step()).isLessThan(STEPS);
    LoneRank.Run rest = new LoneRank(folder).train("rest", recipe(), middle);
    assertThat(rest.score()).isEqualTo(whole.score());
    Checkpoint end = LoneRank.checkpoints(rest.checkpoints()).get(0);
    assertThat(LoneRank.bits(end)).isEqualTo(LoneRank.bits(all.get(0)));
  }

  @Test
  void sharesOfAnEvaluationAddUpWhateverTheirNumber() throws Exception {
    SplitScore one = merged(LoneRank.evaluated(whole, recipe(), "train", 1));
    SplitScore three = merged(LoneRank.evaluated(whole, recipe(), "train", 3));
    assertThat(three.encode()).isEqualTo(one.encode());
    assertThat(three.measures()).isEqualTo(one.measures());
    // folded batch norms round otherwise
    assertThat(one.measures().get("ap50"))
        .isCloseTo(merged(List.of(whole.score())).measures().get("ap50"), within(0.05));
  }

  @Test
  void whatIsFoundIsDrawn() throws Exception {
    PredictTask task = LoneRank.prediction(whole, recipe());
    byte[] picture = Files.readAllBytes(SmallData.scene(folder));
    List<Prediction> found =
        task.run(
            List.of(
                    new PredictTask.BytesSource("one", picture),
                    new PredictTask.BytesSource("broken", Arrays.copyOf(picture, 40)))
                .iterator());
    Prediction one = found.get(0);
    assertThat(one.candidates()).isNotEmpty().hasSizeLessThanOrEqualTo(3);
    assertThat(one.candidates().get(0).probability()).isBetween(0.3, 1.0);
    Image drawn = ImageCodec.decode(one.painted());
    Image plain = ImageCodec.decode(picture);
    assertThat(drawn.width()).isEqualTo(plain.width());
    assertThat(changed(drawn, plain)).isGreaterThan(100);
    assertThat(found.get(1).problem()).isNotBlank();
  }

  /** Values that differ by more than a second compression changes. */
  private static int changed(Image one, Image other) {
    int count = 0;
    for (int i = 0; i < one.rgb().length; i++) {
      if (Math.abs((one.rgb()[i] & 0xFF) - (other.rgb()[i] & 0xFF)) > 100) {
        count++;
      }
    }
    return count;
  }

  @Test
  void dataOfAnotherKindIsRefusedBeforeAnythingStarts() throws Exception {
    Manifest pixels = Manifest.read(CONF, SmallData.ofPixels(folder));
    assertThatThrownBy(() -> TrainingSetup.check(recipe(), pixels))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "task.type: object-detection learns from a data set annotated for detection")
        .hasMessageContaining("is annotated for segmentation");
    TrainingSetup.check(recipe(), Manifest.read(CONF, data));
  }

  @Test
  void recipesSayWhichMeasuresADetectorHas() {
    assertThat(recipe("evaluation.metric=usual").metric()).isEqualTo(Recipe.Metric.AP);
    assertThatThrownBy(() -> recipe("evaluation.metric=miou"))
        .hasMessageContaining("task.type = object-detection is measured by ap, ap50, ap75");
  }
}
