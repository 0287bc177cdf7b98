package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What recipes can ask for beyond plain training, each in a short run of the real rank. */
final class TrainingFeaturesTest {
  private static final String RECIPE =
      """
      model { name = efficientvim_nano, image-size = 32 }
      data { loader-threads = 1, prefetch = 1 }
      batch { size = 8, shards = 2 }
      schedule {
        epochs = 4, warmup-epochs = 1, cooldown-epochs = 0
        learning-rate = 2e-3, warmup-learning-rate = 1e-4, min-learning-rate = 1e-5
      }
      clip.norm = 1
      ema.decay = 0.9
      checkpoint.keep = 10
      evaluation.batch-size = 8
      """;
  private static final int STEPS = 3;

  @TempDir static java.nio.file.Path folder;
  private static Path data;
  private static Path teacher;

  @BeforeAll
  static void data() throws Exception {
    data = SmallData.prepare(folder, 8 * STEPS, 8);
    teacher = train("teacher", "schedule.epochs=2");
  }

  private static Recipe recipe(String... overrides) {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.add("data.path=" + data);
    return LoneRank.recipe(RECIPE, all);
  }

  private static Path train(String run, String... overrides) throws Exception {
    return new LoneRank(folder).train(run, recipe(overrides)).checkpoints();
  }

  private static Checkpoint newest(Path checkpoints) throws IOException {
    return LoneRank.checkpoints(checkpoints).get(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mesa.ratio=1;mesa.start=0.5",
        "distillation.type=hard;model.heads=distilled;distillation.teacher=TEACHER",
        "distillation.type=soft;distillation.pupil=every-head;distillation.teacher=TEACHER"
            + ";distillation.weight=5;distillation.label-weight=1",
        "clip.norm=0;clip.adaptive=0.02;schedule.pace=epoch-late;schedule.cosine-from=start",
        "optimizer.rules=[{names=\"heads.*\",rate=10,decay=0}];optimizer.decayed=all"
            + ";schedule.type=poly;freeze.names=[\"patch_embed.*\"];freeze.norms=running",
        "evaluation.patience=2;evaluation.metric=loss;schedule.type=step;schedule.milestones=[2,3]"
      })
  void aRunCutInTwoEndsLikeAnUncutOneBitForBit(String overrides) throws Exception {
    String[] settings = overrides.replace("TEACHER", teacher.toString()).split(";");
    String name = "cut-" + Integer.toHexString(overrides.hashCode());
    List<Checkpoint> whole = LoneRank.checkpoints(train(name, settings));
    Checkpoint middle = whole.get(whole.size() - 2);
    assertThat(middle.meta().step()).isEqualTo(2L * STEPS);

    Path rest = new LoneRank(folder).train(name + "-rest", recipe(settings), middle).checkpoints();

    assertSame(newest(rest), whole.get(0));
    assertThat(newest(rest).meta().metrics()).isEqualTo(whole.get(0).meta().metrics());
    assertThat(whole.get(0).model()).isNotEqualTo(middle.model());
  }

  @Test
  void aRunDoesNotGoOnWithEpochsOfAnotherLength() throws Exception {
    Path more = SmallData.prepare(folder.resolve("more"), 2 * 8 * STEPS, 8);
    Recipe recipe = LoneRank.recipe(RECIPE, List.of("data.path=" + more));
    Checkpoint from = newest(teacher);
    assertThatThrownBy(() -> new LoneRank(folder).train("longer-epochs", recipe, from))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("6 steps that this run has done were 2 epochs, and are 1 of 6 steps");
  }

  @Test
  void aRunCountedInStepsMayEndWithinAnEpoch() throws Exception {
    Path checkpoints =
        train(
            "in-steps",
            "schedule.type=poly",
            "schedule.steps=5",
            "schedule.warmup-epochs=0",
            "evaluation.every-epochs=100");

    Checkpoint end = newest(checkpoints);
    assertThat(end.meta().step()).isEqualTo(5);
    assertThat(end.meta().epoch()).isEqualTo(1);
    assertThat(end.meta().metrics()).containsKey("top1");
  }

  @Test
  void whatATeacherSaysChangesTheWeights() throws Exception {
    Checkpoint plain = newest(train("untaught"));
    Checkpoint taught =
        newest(
            train(
                "taught",
                "distillation.type=soft",
                "distillation.pupil=every-head",
                "distillation.teacher=" + teacher,
                "distillation.label-weight=1"));
    Checkpoint mesa = newest(train("mesa", "mesa.ratio=1", "mesa.start=0"));
    assertThat(bits(taught, "heads.0.weight")).isNotEqualTo(bits(plain, "heads.0.weight"));
    assertThat(bits(mesa, "heads.0.weight")).isNotEqualTo(bits(plain, "heads.0.weight"));
  }

  @Test
  void mesaDoesNothingBeforeItsEpoch() throws Exception {
    Checkpoint plain = newest(train("plain2", "schedule.epochs=2"));
    Checkpoint never =
        newest(train("mesa-late", "schedule.epochs=2", "mesa.ratio=1", "mesa.start=1"));
    assertSame(never, plain);
  }

  @Test
  void accumulatedMicroStepsAreOneStepOfTheirPictures() throws Exception {
    // 24 pictures: one step of 16 an epoch either way
    Checkpoint accumulated =
        newest(train("accumulated", "schedule.epochs=2", "batch.accumulate=2"));
    Checkpoint large =
        newest(train("large", "schedule.epochs=2", "batch.size=16", "batch.shards=4"));
    assertThat(accumulated.meta().step()).isEqualTo(2);
    assertSame(accumulated, large);
  }

  @Test
  void theLearningRateIsScaledByTheBatchOnlyWhereTheRecipeSaysSo() throws Exception {
    Checkpoint scaled =
        newest(
            train(
                "scaled",
                "schedule.epochs=2",
                "schedule.reference-batch=16",
                "schedule.learning-rate=4e-3",
                "schedule.warmup-learning-rate=2e-4",
                "schedule.min-learning-rate=2e-5"));
    assertSame(scaled, newest(train("absolute", "schedule.epochs=2")));
  }

  @Test
  void whatIsFrozenEndsAsItBegan() throws Exception {
    Path tuned =
        train(
            "tuned",
            "schedule.epochs=2",
            "model.weights=" + teacher,
            "model.classifier=fresh",
            "freeze.names=[\"patch_embed.*\",\"stages.*\"]",
            "freeze.norms=running");
    Checkpoint before = newest(teacher);
    Checkpoint after = newest(tuned);
    for (String name : before.model().keySet()) {
      boolean frozen = name.startsWith("patch_embed.") || name.startsWith("stages.");
      if (frozen) {
        assertThat(bits(after, name)).as(name).isEqualTo(bits(before, name));
      } else {
        assertThat(bits(after, name)).as(name).isNotEqualTo(bits(before, name));
      }
    }
  }

  @Test
  void trainedWeightsGoOnAtAHigherResolution() throws Exception {
    Checkpoint finer =
        newest(
            train(
                "finer",
                "schedule.epochs=2",
                "model.weights=" + teacher,
                "model.weights-variant=ema",
                "model.image-size=64"));
    assertThat(finer.meta().imageSize()).isEqualTo(64);
    assertThat(finer.model().keySet()).isEqualTo(newest(teacher).model().keySet());
    assertThat(finer.meta().metrics()).containsKey("top1");
  }

  @Test
  void aRunWithoutProgressEndsEarlyAndStaysEnded() throws Exception {
    String[] still = {
      "schedule.type=constant",
      "schedule.learning-rate=1e-30",
      "schedule.warmup-learning-rate=0",
      "schedule.min-learning-rate=0",
      "schedule.warmup-epochs=0",
      "ema.decay=0",
      "freeze.names=[\"patch_embed.*\",\"stages.*\"]",
      "freeze.norms=running",
      "evaluation.patience=2"
    };
    List<Checkpoint> ended = LoneRank.checkpoints(train("still", still));
    assertThat(ended.get(0).meta().epoch()).isEqualTo(3);
    LoneRank.Run again = new LoneRank(folder).train("still-again", recipe(still), ended.get(0));
    assertThat(again.result().count()).isEqualTo(8);
    assertThat(LoneRank.checkpoints(again.checkpoints())).as("nothing left to do").isEmpty();
  }

  @Test
  void theBestCheckpointIsKeptBesideTheNewestAndSaysWhatItReached() throws Exception {
    List<Checkpoint> kept =
        LoneRank.checkpoints(
            train(
                "best",
                "checkpoint.keep=1",
                "checkpoint.every-epochs=100",
                "evaluation.every-epochs=2",
                "evaluation.metric=loss",
                "schedule.epochs=6"));
    assertThat(kept.get(0).meta().epoch()).isEqualTo(6);
    assertThat(kept).hasSizeBetween(1, 2);
    double best =
        kept.stream().mapToDouble(one -> one.meta().metrics().get("loss")).min().orElseThrow();
    assertThat(kept.get(kept.size() - 1).meta().metrics()).containsEntry("loss", best);
    assertThat(kept).allMatch(one -> one.meta().epoch() % 2 == 0);
  }

  @Test
  void checkpointsOfEpochsWithoutEvaluationClaimNoResult() throws Exception {
    List<Checkpoint> all =
        LoneRank.checkpoints(train("seldom", "schedule.epochs=3", "evaluation.every-epochs=2"));
    assertThat(all).extracting(one -> one.meta().epoch()).containsExactly(3L, 2L, 1L);
    assertThat(all)
        .extracting(one -> one.meta().metrics().isEmpty())
        .containsExactly(false, false, true);
  }

  @Test
  void whatDoesNotFitTogetherIsRefusedBeforeTraining() throws Exception {
    Configuration conf = new Configuration();
    assertThatThrownBy(() -> TrainingSetup.check(recipe("freeze.names=[\"stem.*\"]"), 4))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no parameter of efficientvim_nano is called stem.*");
    assertThatThrownBy(() -> TrainingSetup.check(recipe("distillation.type=hard"), 4))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("efficientvim_nano has no distillation head");
    assertThatThrownBy(() -> TrainingSetup.check(recipe("model.drop-path=0.1"), 4))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("efficientvim_nano drops no paths");
    assertThatThrownBy(() -> TeacherWeights.check(conf, recipe("distillation.type=soft"), 4))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("distillation.teacher: not set");
    Recipe other = recipe("distillation.type=soft", "distillation.teacher=" + teacher);
    assertThatThrownBy(() -> TeacherWeights.check(conf, other, 7))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tells 4 classes apart, the data set has 7");
    assertThatThrownBy(
            () -> TrainingSetup.check(recipe("model.name=mobilemamba_t2", "batch.shards=8"), 4))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("batch norm head.bn of mobilemamba_t2");
    TrainingSetup.check(
        recipe("model.name=mobilemamba_t2", "batch.shards=8", "sync.batch-norm=batch"), 4);
    TrainingSetup.check(
        recipe("model.image-size=224", "model.name=efficientvim_m1", "batch.shards=8"), 4);
    TeacherWeights.check(conf, other, 4);
    TrainingSetup.check(recipe("distillation.type=hard", "model.heads=distilled"), 4);
  }

  private static void assertSame(Checkpoint actual, Checkpoint expected) {
    assertSame(actual.model(), expected.model());
    assertSame(actual.ema(), expected.ema());
    assertSame(actual.state(), expected.state());
  }

  private static void assertSame(
      Map<String, NamedTensor> actual, Map<String, NamedTensor> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, tensor) -> assertThat(actual.get(name).data()).as(name).isEqualTo(tensor.data()));
  }

  private static java.nio.ByteBuffer bits(Checkpoint checkpoint, String tensor) {
    return checkpoint.model().get(tensor).data();
  }
}
