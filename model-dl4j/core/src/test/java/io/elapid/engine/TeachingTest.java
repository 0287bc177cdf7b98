package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.loader.Batch;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import io.elapid.model.Heads;
import io.elapid.model.Models;
import io.elapid.op.SoftDistillation;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("backend")
class TeachingTest {
  private static final int SIZE = 4;
  private static final int SIDE = 32;
  private static final int CLASSES = 10;
  private static final Batch BATCH = Batches.noise(1, SIZE, SIDE, CLASSES);

  private static Trainer trainer(ImageClassifier model, Teaching teaching) {
    return new Trainer(
        new TrainerSettings(
            model,
            CLASSES,
            SIDE,
            SIZE,
            5,
            AdamWSettings.published(),
            GradientClip.Limits.norm(0),
            0.5,
            ParameterRules.published(),
            teaching,
            1));
  }

  private static Trainer nano(Teaching teaching) {
    return trainer(Models.byName("efficientvim_nano"), teaching);
  }

  private static Teaching.Distillation soft(double weight) {
    return new Teaching.Distillation(
        Teaching.Pupil.EVERY_HEAD,
        new Teaching.Lesson.Soft(1, SoftDistillation.Average.SAMPLES),
        1,
        weight);
  }

  @Test
  void aTeacherThatAgreesAddsNothingAndAnotherItsDivergence() {
    float plain;
    float[] scores = new float[SIZE * CLASSES];
    try (Trainer trainer = nano(new Teaching.None())) {
      plain = loss(trainer, trainer.computeShard(BATCH));
    }
    try (Trainer trainer = nano(soft(3))) {
      assertThatThrownBy(() -> trainer.computeShard(BATCH)).hasMessageContaining("a teacher");
      trainer.teacher(batch -> FloatBuffer.wrap(scores));
      float taught = loss(trainer, trainer.computeShard(BATCH));
      // untrained scores are nearly even, as this teacher's are
      assertThat(taught).isBetween(plain, plain + 0.3f);
      for (int i = 0; i < SIZE; i++) {
        scores[i * CLASSES] = 1000;
      }
      // a teacher that is sure of class 0 makes the divergence a cross-entropy
      float sure = loss(trainer, trainer.computeShard(BATCH));
      assertThat(sure).isGreaterThan(taught + 1);
    }
  }

  @Test
  void aTeacherTeachesItsOwnClassesWhateverTheLabels() {
    Teaching hard =
        new Teaching.Distillation(Teaching.Pupil.EVERY_HEAD, new Teaching.Lesson.Hard(), 0, 1);
    try (Trainer trainer = nano(hard)) {
      float[] scores = new float[SIZE * CLASSES];
      for (int row = 0; row < SIZE; row++) {
        scores[row * CLASSES + 7 - row] = 1;
      }
      trainer.teacher(batch -> FloatBuffer.wrap(scores));
      for (int i = 0; i < 30; i++) {
        trainer.apply(trainer.computeShard(BATCH), 1, 2e-3);
      }
      assertThat(loss(trainer, trainer.computeShard(BATCH))).isLessThan(0.3f);
    }
  }

  @Test
  void headsForDistillationLearnFromTheTeacherAlone() {
    ImageClassifier distilled =
        Models.byName("efficientvim_nano").withHeads(Heads.CLASSIFICATION_AND_DISTILLATION);
    Teaching byHead =
        new Teaching.Distillation(
            Teaching.Pupil.DISTILLATION_HEAD, new Teaching.Lesson.Hard(), 0, 1);
    try (Trainer trainer = trainer(distilled, byHead)) {
      trainer.teacher(batch -> FloatBuffer.wrap(new float[SIZE * CLASSES]));
      ByteBuffer vector = trainer.computeShard(BATCH);
      int labels = 0;
      int taught = 0;
      int at = 0;
      for (NamedTensor tensor : trainer.model()) {
        if (tensor.name().contains("running_")) {
          break;
        }
        for (int i = 0; i < tensor.elements(); i++) {
          boolean moves = vector.asFloatBuffer().get(at + i) != 0;
          labels += moves && tensor.name().startsWith("heads.") ? 1 : 0;
          taught += moves && tensor.name().startsWith("heads_dist.") ? 1 : 0;
        }
        at += tensor.elements();
      }
      assertThat(labels).isZero();
      assertThat(taught).isPositive();
    }
  }

  @Test
  void theMovingAverageTeachesFromWhenItIsGivenAWeight() {
    try (Trainer plain = nano(new Teaching.None());
        Trainer taught = nano(new Teaching.ByAverage())) {
      for (int i = 0; i < 3; i++) {
        plain.apply(plain.computeShard(BATCH), 1, 2e-3);
        taught.apply(taught.computeShard(BATCH), 1, 2e-3);
      }
      float before = loss(plain, plain.computeShard(BATCH));
      float[] untaught = floats(plain.computeShard(BATCH));
      assertThat(floats(taught.computeShard(BATCH))).as("bit for bit").isEqualTo(untaught);
      taught.lessonWeight(0.5);
      float after = loss(taught, taught.computeShard(BATCH));
      assertThat(after).isCloseTo(before + 0.5f * crossEntropy(taught, plain), within(1e-4f));
    }
  }

  /** Of the average's evaluation form against the scores in training, by a pass of its own. */
  private static float crossEntropy(Trainer taught, Trainer plain) {
    try (Evaluator average = evaluator(taught.ema())) {
      FloatBuffer teacher = average.logits(BATCH);
      float[] targets = new float[SIZE * CLASSES];
      for (int row = 0; row < SIZE; row++) {
        double sum = 0;
        for (int k = 0; k < CLASSES; k++) {
          sum += Math.exp(teacher.get(row * CLASSES + k));
        }
        for (int k = 0; k < CLASSES; k++) {
          targets[row * CLASSES + k] = (float) (Math.exp(teacher.get(row * CLASSES + k)) / sum);
        }
      }
      ByteBuffer soft =
          ByteBuffer.allocateDirect(targets.length * Float.BYTES).order(ByteOrder.nativeOrder());
      soft.asFloatBuffer().put(targets);
      Batch relabelled =
          new Batch(
              BATCH.images(),
              soft,
              BATCH.labels(),
              BATCH.ids(),
              BATCH.seeds(),
              SIZE,
              SIZE,
              SIDE,
              CLASSES);
      return loss(plain, plain.computeShard(relabelled));
    }
  }

  @Test
  void anAverageThatIsNotKeptCannotTeach() {
    TrainerSettings without =
        new TrainerSettings(
            Models.byName("efficientvim_nano"),
            CLASSES,
            SIDE,
            SIZE,
            5,
            AdamWSettings.published(),
            GradientClip.Limits.norm(0),
            0,
            ParameterRules.published(),
            new Teaching.ByAverage(),
            1);
    assertThatThrownBy(() -> new Trainer(without)).hasMessageContaining("no moving average");
  }

  private static Evaluator evaluator(List<NamedTensor> weights) {
    Map<String, NamedTensor> tensors =
        weights.stream().collect(Collectors.toMap(NamedTensor::name, tensor -> tensor));
    return new Evaluator(
        Models.byName("efficientvim_nano"), CLASSES, SIDE, SIZE, Mode.EVAL, tensors, 1);
  }

  private static float loss(Trainer trainer, ByteBuffer vector) {
    return vector.asFloatBuffer().get(trainer.vectorLength() - 4);
  }

  private static float[] floats(ByteBuffer vector) {
    float[] values = new float[vector.asFloatBuffer().remaining()];
    vector.asFloatBuffer().get(values);
    return values;
  }
}
