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

  /** A network under way with its trainer. */
  private record Pupil(Classifier network, Trainer<Batch> trainer) implements AutoCloseable {
    static Pupil of(ImageClassifier model, Teaching teaching) {
      Classifier network = new Classifier(model, CLASSES, teaching);
      return new Pupil(network, new Trainer<>(settings(network, 0.5)));
    }

    static Pupil nano(Teaching teaching) {
      return of(Models.byName("efficientvim_nano"), teaching);
    }

    ByteBuffer compute() {
      return trainer.computeShard(BATCH);
    }

    float loss() {
      return loss(BATCH);
    }

    float loss(Batch batch) {
      ByteBuffer vector = trainer.computeShard(batch);
      return vector.asFloatBuffer().get(trainer.vectorLength() - 4);
    }

    void step() {
      trainer.apply(compute(), 1, 2e-3);
    }

    @Override
    public void close() {
      trainer.close();
    }
  }

  private static TrainerSettings<Batch> settings(Classifier network, double emaDecay) {
    return new TrainerSettings<>(
        network,
        Frame.square(SIZE, SIDE),
        5,
        AdamWSettings.published(),
        GradientClip.Limits.norm(0),
        emaDecay,
        ParameterRules.published(),
        1);
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
    try (Pupil pupil = Pupil.nano(new Teaching.None())) {
      plain = pupil.loss();
    }
    try (Pupil pupil = Pupil.nano(soft(3))) {
      assertThatThrownBy(pupil::compute).hasMessageContaining("a teacher");
      pupil.network().teacher(batch -> FloatBuffer.wrap(scores));
      float taught = pupil.loss();
      // untrained scores are nearly even, as this teacher's are
      assertThat(taught).isBetween(plain, plain + 0.3f);
      for (int i = 0; i < SIZE; i++) {
        scores[i * CLASSES] = 1000;
      }
      // a teacher that is sure of class 0 makes the divergence a cross-entropy
      float sure = pupil.loss();
      assertThat(sure).isGreaterThan(taught + 1);
    }
  }

  @Test
  void aTeacherTeachesItsOwnClassesWhateverTheLabels() {
    Teaching hard =
        new Teaching.Distillation(Teaching.Pupil.EVERY_HEAD, new Teaching.Lesson.Hard(), 0, 1);
    try (Pupil pupil = Pupil.nano(hard)) {
      float[] scores = new float[SIZE * CLASSES];
      for (int row = 0; row < SIZE; row++) {
        scores[row * CLASSES + 7 - row] = 1;
      }
      pupil.network().teacher(batch -> FloatBuffer.wrap(scores));
      for (int i = 0; i < 30; i++) {
        pupil.step();
      }
      assertThat(pupil.loss()).isLessThan(0.3f);
    }
  }

  @Test
  void headsForDistillationLearnFromTheTeacherAlone() {
    ImageClassifier distilled =
        Models.byName("efficientvim_nano").withHeads(Heads.CLASSIFICATION_AND_DISTILLATION);
    Teaching byHead =
        new Teaching.Distillation(
            Teaching.Pupil.DISTILLATION_HEAD, new Teaching.Lesson.Hard(), 0, 1);
    try (Pupil pupil = Pupil.of(distilled, byHead)) {
      pupil.network().teacher(batch -> FloatBuffer.wrap(new float[SIZE * CLASSES]));
      ByteBuffer vector = pupil.compute();
      int labels = 0;
      int taught = 0;
      int at = 0;
      for (NamedTensor tensor : pupil.trainer().model()) {
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
    try (Pupil plain = Pupil.nano(new Teaching.None());
        Pupil taught = Pupil.nano(new Teaching.ByAverage())) {
      for (int i = 0; i < 3; i++) {
        plain.step();
        taught.step();
      }
      float before = plain.loss();
      float[] untaught = floats(plain.compute());
      assertThat(floats(taught.compute())).as("bit for bit").isEqualTo(untaught);
      taught.network().lessonWeight(0.5);
      float after = taught.loss();
      assertThat(after).isCloseTo(before + 0.5f * crossEntropy(taught, plain), within(1e-4f));
    }
  }

  /** Of the average's evaluation form against the scores in training, by a pass of its own. */
  private static float crossEntropy(Pupil taught, Pupil plain) {
    try (Evaluator<Batch> average = evaluator(taught.trainer().ema())) {
      FloatBuffer teacher = average.answers(BATCH).floats(Classifier.LOGITS);
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
      return plain.loss(relabelled);
    }
  }

  @Test
  void anAverageThatIsNotKeptCannotTeach() {
    Classifier network =
        new Classifier(Models.byName("efficientvim_nano"), CLASSES, new Teaching.ByAverage());
    TrainerSettings<Batch> without = settings(network, 0);
    assertThatThrownBy(() -> new Trainer<>(without)).hasMessageContaining("no moving average");
  }

  private static Evaluator<Batch> evaluator(List<NamedTensor> weights) {
    Map<String, NamedTensor> tensors =
        weights.stream().collect(Collectors.toMap(NamedTensor::name, tensor -> tensor));
    Classifier network = new Classifier(Models.byName("efficientvim_nano"), CLASSES);
    return new Evaluator<>(network, Frame.square(SIZE, SIDE), Mode.EVAL, tensors, 1);
  }

  private static float[] floats(ByteBuffer vector) {
    float[] values = new float[vector.asFloatBuffer().remaining()];
    vector.asFloatBuffer().get(values);
    return values;
  }
}
