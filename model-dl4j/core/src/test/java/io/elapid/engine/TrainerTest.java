package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.elapid.checkpoint.DType;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.data.loader.Batch;
import io.elapid.graph.Mode;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("backend")
class TrainerTest {
  private static final int SIZE = 4;
  private static final int SIDE = 32;
  private static final int CLASSES = 10;

  private static Trainer<Batch> trainer(double clipNorm, double emaDecay, int threads) {
    return new Trainer<>(settings(clipNorm, emaDecay, threads, SIZE));
  }

  private static TrainerSettings<Batch> settings(
      double clipNorm, double emaDecay, int threads, int samples) {
    return TrainerSettings.classifier(
        Models.byName("efficientvim_nano"),
        CLASSES,
        SIDE,
        samples,
        5,
        AdamWSettings.published(),
        clipNorm,
        emaDecay,
        threads);
  }

  private static Batch batch(long seed) {
    return Batches.noise(seed, SIZE, SIDE, CLASSES);
  }

  @Test
  void aBatchCanBeLearntByHeart() {
    try (Trainer<Batch> trainer = trainer(1, 0, 1)) {
      Batch batch = batch(1);
      StepStats first = trainer.apply(trainer.computeShard(batch), 1, 2e-3);
      StepStats last = first;
      for (int i = 0; i < 30; i++) {
        last = trainer.apply(trainer.computeShard(batch), 1, 2e-3);
      }
      assertThat(first.loss()).isBetween(2.0, 2.8);
      assertThat(last.loss()).isLessThan(0.2);
      assertThat(last.figures().get(Classifier.TOP1)).isEqualTo(1);
    }
  }

  @Test
  void picturesOfAnotherSizeAreTrainedOnAsByATrainerMadeForThem() {
    Batch larger = Batches.noise(1, SIZE, 2 * SIDE, CLASSES);
    TrainerSettings<Batch> made =
        TrainerSettings.classifier(
            Models.byName("efficientvim_nano"),
            CLASSES,
            2 * SIDE,
            SIZE,
            5,
            AdamWSettings.published(),
            1,
            0,
            1);
    try (Trainer<Batch> trainer = trainer(1, 0, 1);
        Trainer<Batch> other = new Trainer<>(made)) {
      ByteBuffer small = copied(trainer.computeShard(batch(2)));
      assertThat(trainer.computeShard(larger)).isEqualTo(other.computeShard(larger));
      // in the same memory
      assertThat(trainer.computeShard(batch(2))).isEqualTo(small);
      assertThat(trainer.computeShard(larger)).isNotEqualTo(small);
    }
  }

  private static ByteBuffer copied(ByteBuffer vector) {
    return ByteBuffer.allocate(vector.remaining()).put(vector.duplicate()).flip();
  }

  @Test
  void vectorEndsInLossHitsAndSamples() {
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      ByteBuffer vector = trainer.computeShard(batch(1));
      assertThat(vector.isDirect()).isTrue();
      assertThat(vector.order()).isEqualTo(ByteOrder.nativeOrder());
      FloatBuffer floats = vector.asFloatBuffer();
      assertThat(floats.limit()).isEqualTo(trainer.vectorLength());
      int figures = trainer.vectorLength() - 4;
      assertThat(floats.get(figures)).isBetween(2f, 2.8f);
      assertThat(floats.get(figures + 1)).isLessThanOrEqualTo(floats.get(figures + 2));
      assertThat(floats.get(figures + 3)).isEqualTo(SIZE);
    }
  }

  @Test
  void sameBatchGivesTheSameBitsForAnyNumberOfThreads() {
    float[] one;
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      one = floats(trainer.computeShard(batch(1)));
      assertThat(floats(trainer.computeShard(batch(2)))).isNotEqualTo(one);
      assertThat(floats(trainer.computeShard(batch(1)))).isEqualTo(one);
    }
    try (Trainer<Batch> trainer = trainer(0, 0, 2)) {
      assertThat(floats(trainer.computeShard(batch(1)))).isEqualTo(one);
    }
  }

  @Test
  void keptMapsTakeMoreMemoryForTheSameBits() {
    TrainerSettings<Batch> settings = settings(0, 0, 1, SIZE);
    TrainerSettings<Batch> keeping = settings.with(Recomputation.NOTHING);
    assertThat(Trainer.plan(keeping).arena()).isGreaterThan(Trainer.plan(settings).arena());
    try (Trainer<Batch> trainer = new Trainer<>(settings);
        Trainer<Batch> other = new Trainer<>(keeping)) {
      assertThat(other.computeShard(batch(1))).isEqualTo(trainer.computeShard(batch(1)));
    }
  }

  @Test
  void gradientsAreToldOfWhileOperationsAreObserved() {
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      float[] plain = floats(trainer.computeShard(batch(1)));
      List<String> observed = new ArrayList<>();
      BitSet told = new BitSet();
      List<Integer> after = new ArrayList<>();
      ByteBuffer vector =
          trainer.computeShard(
              batch(1),
              (kind, name, nanos) -> observed.add(name),
              (from, to) -> {
                told.set(from, to);
                after.add(observed.size());
              });
      assertThat(floats(vector)).isEqualTo(plain);
      assertThat(observed).hasSize(trainer.program().size());
      assertThat(after).isSorted().allMatch(count -> count > 0 && count <= observed.size());
      assertThat(told.cardinality())
          .isEqualTo(
              trainer.model().stream()
                  .filter(tensor -> !tensor.name().contains("running_"))
                  .mapToLong(NamedTensor::elements)
                  .sum());
    }
  }

  @Test
  void restoredTrainingGoesOnBitForBit() {
    Map<String, float[]> straight;
    Map<String, NamedTensor> model;
    Map<String, NamedTensor> ema;
    Map<String, NamedTensor> state;
    try (Trainer<Batch> trainer = trainer(1, 0.9, 1)) {
      step(trainer, 1);
      step(trainer, 2);
      model = copies(trainer.model());
      ema = copies(trainer.ema());
      state = copies(trainer.state());
      step(trainer, 3);
      straight = everything(trainer);
    }
    try (Trainer<Batch> trainer = trainer(1, 0.9, 1)) {
      trainer.restore(model, ema, state);
      step(trainer, 3);
      Map<String, float[]> resumed = everything(trainer);
      assertThat(resumed.keySet()).isEqualTo(straight.keySet());
      straight.forEach((name, values) -> assertThat(resumed.get(name)).as(name).isEqualTo(values));
    }
  }

  @Test
  void stateThatDoesNotFitIsRefused() {
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      Map<String, NamedTensor> model = copies(trainer.model());
      Map<String, NamedTensor> state = copies(trainer.state());
      state.remove("step");
      assertThatThrownBy(() -> trainer.restore(model, Map.of(), state))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("how many steps");
      state.remove("exp_avg.weights");
      assertThatThrownBy(() -> trainer.restore(model, Map.of(), state))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("exp_avg.weights is missing");
    }
  }

  @Test
  void updateUsesTheMeanOverShards() {
    Map<String, float[]> once;
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      trainer.apply(trainer.computeShard(batch(1)), 1, 1e-3);
      once = everything(trainer);
    }
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      float[] values = floats(trainer.computeShard(batch(1)));
      ByteBuffer doubled =
          ByteBuffer.allocateDirect(values.length * Float.BYTES).order(ByteOrder.nativeOrder());
      for (float value : values) {
        doubled.putFloat(2 * value);
      }
      StepStats stats = trainer.apply(doubled.flip(), 2, 1e-3);
      assertThat(stats.loss()).isEqualTo(values[values.length - 4]);
      everything(trainer).forEach((name, v) -> assertThat(v).as(name).isEqualTo(once.get(name)));
    }
  }

  @Test
  void runningStatisticsMoveATenthOfTheWay() {
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      Map<String, NamedTensor> before = copies(trainer.model());
      float[] vector = floats(trainer.computeShard(batch(1)));
      trainer.apply(trainer.computeShard(batch(1)), 1, 1e-3);
      Map<String, NamedTensor> after = copies(trainer.model());
      String name = "patch_embed.conv.0.norm.running_var";
      int parameters = parameters(trainer.model());
      int at = parameters + before.get("patch_embed.conv.0.norm.running_mean").elements();
      float expected = 0.9f * before.get(name).floats().get(0) + 0.1f * vector[at];
      assertThat(after.get(name).floats().get(0)).isCloseTo(expected, within(1e-6f));
    }
  }

  @Test
  void clippingLimitsNothingButTheStep() {
    try (Trainer<Batch> trainer = trainer(1e-3, 0, 1)) {
      StepStats stats = trainer.apply(trainer.computeShard(batch(1)), 1, 1e-3);
      assertThat(stats.gradNorm()).isGreaterThan(1e-2);
    }
  }

  @Test
  void movingAverageLagsBehindTheModel() {
    try (Trainer<Batch> trainer = trainer(0, 0.75, 1)) {
      float before = copies(trainer.model()).get("heads.0.weight").floats().get(0);
      trainer.apply(trainer.computeShard(batch(1)), 1, 1e-3);
      float after = copies(trainer.model()).get("heads.0.weight").floats().get(0);
      float average = copies(trainer.ema()).get("heads.0.weight").floats().get(0);
      assertThat(average).isCloseTo(0.75f * before + 0.25f * after, within(1e-7f));
    }
  }

  @Test
  void averagingOverOneRankChangesNothing() {
    try (Trainer<Batch> trainer = trainer(0, 0.9, 1)) {
      step(trainer, 1);
      Map<String, float[]> before = everything(trainer);
      trainer.loadAverage(share(trainer, 1));
      everything(trainer).forEach((name, v) -> assertThat(v).as(name).isEqualTo(before.get(name)));
    }
  }

  @Test
  void ranksAreAveragedInProportionToTheirWeightsMomentsIncluded() {
    try (Trainer<Batch> one = trainer(0, 0.9, 1);
        Trainer<Batch> other = trainer(0, 0.9, 1)) {
      step(one, 1);
      step(other, 2);
      Map<String, float[]> first = everything(one);
      Map<String, float[]> second = everything(other);
      ByteBuffer sum = share(one, 0.25);
      FloatBuffer theirs = share(other, 0.75).asFloatBuffer();
      FloatBuffer floats = sum.asFloatBuffer();
      for (int i = 0; i < floats.limit(); i++) {
        floats.put(i, floats.get(i) + theirs.get(i));
      }

      one.loadAverage(sum);

      everything(one)
          .forEach(
              (name, values) -> {
                for (int i = 0; i < values.length; i++) {
                  double a = 0.25 * first.get(name)[i];
                  double b = 0.75 * second.get(name)[i];
                  assertThat((double) values[i])
                      .as(name)
                      .isCloseTo(a + b, within(1e-6 * (Math.abs(a) + Math.abs(b))));
                }
              });
      assertThat(first.get("model heads.0.weight"))
          .isNotNull()
          .isNotEqualTo(second.get("model heads.0.weight"));
    }
  }

  private static ByteBuffer share(Trainer<Batch> trainer, double weight) {
    ByteBuffer share =
        ByteBuffer.allocateDirect(trainer.averagedLength() * Float.BYTES)
            .order(ByteOrder.nativeOrder());
    trainer.averagingShare(weight, share);
    return share;
  }

  @Test
  void aLossThatIsNotANumberNamesTheSamplesAndLeavesTheModel() {
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      Batch batch = batch(1);
      batch.images().putFloat(0, Float.NaN);
      assertThatThrownBy(() -> trainer.computeShard(batch))
          .isInstanceOf(DivergenceException.class)
          .hasMessageStartingWith("the loss of a shard is NaN at step 0; its samples: [sample")
          .hasMessageContaining("run again, first elapid_conv2d wrote ")
          .hasMessageContaining(" values that are not finite to output 0, shape [");
      Map<String, float[]> before = everything(trainer);
      ByteBuffer vector = trainer.computeShard(batch(1));
      vector.putFloat(0, Float.POSITIVE_INFINITY);
      assertThatThrownBy(() -> trainer.apply(vector, 1, 1e-3))
          .isInstanceOf(DivergenceException.class)
          .hasMessage("the norm of the gradient is Infinity at step 0");
      everything(trainer).forEach((name, v) -> assertThat(v).as(name).isEqualTo(before.get(name)));
    }
  }

  @Test
  void weightsOfAnotherModelAreRefusedWithTheDifferences() {
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      Map<String, NamedTensor> weights = copies(trainer.model());
      weights.remove("heads.0.bias");
      weights.put("heads.1.bias", NamedTensor.floats("heads.1.bias", new long[] {2}, 0, 0));
      weights.put(
          "weights",
          new NamedTensor("weights", DType.I32, new long[] {4}, weights.get("weights").data()));
      weights.put("extra", NamedTensor.floats("extra", new long[] {1}, 0));
      InputException refusal =
          catchThrowableOfType(InputException.class, () -> trainer.load(weights));
      assertThat(refusal)
          .hasMessageContaining("1 missing: heads.0.bias")
          .hasMessageContaining("1 of another shape: heads.1.bias [2] instead of [10]")
          .hasMessageContaining("1 not of a floating-point type: weights I32")
          .hasMessageContaining("1 unexpected: extra");
    }
  }

  @Test
  void evaluatorScoresWithTheTrainedWeightsInBothForms() {
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      step(trainer, 1);
      Map<String, NamedTensor> weights = copies(trainer.model());
      float[] scores = scores(weights, Mode.EVAL);
      float[] folded = scores(weights, Mode.DEPLOY);
      for (int i = 0; i < scores.length; i++) {
        assertThat(folded[i]).isCloseTo(scores[i], within(1e-4f));
      }
    }
  }

  @Test
  void aPlanSaysWhatMemoryATrainerTakes() {
    MemoryUse small = Trainer.plan(settings(0, 0.9, 1, SIZE));
    try (Trainer<Batch> trainer = trainer(0, 0.9, 1)) {
      assertThat(small).isEqualTo(trainer.memory());
    }
    MemoryUse large = Trainer.plan(settings(0, 0.9, 1, 1000 * SIZE));
    assertThat(large.state()).isEqualTo(small.state());
    assertThat(large.batch()).isEqualTo(1000 * small.batch());
    assertThat(large.arena()).isBetween(500 * small.arena(), large.unshared() / 2);
    assertThat(large.peak()).isGreaterThan(large.arena() + large.batch());
  }

  @Test
  void anotherThreadMayNotTakePart() throws InterruptedException {
    try (Trainer<Batch> trainer = trainer(0, 0, 1)) {
      Throwable[] thrown = new Throwable[1];
      Thread other = new Thread(() -> trainer.computeShard(batch(1)), "other");
      other.setUncaughtExceptionHandler((thread, e) -> thrown[0] = e);
      other.start();
      other.join();
      assertThat(thrown[0]).hasMessageContaining("one thread owns ND4J");
    }
  }

  private static float[] scores(Map<String, NamedTensor> weights, Mode mode) {
    Classifier network = new Classifier(Models.byName("efficientvim_nano"), CLASSES);
    try (Evaluator<Batch> evaluator =
        new Evaluator<>(network, Frame.square(SIZE, SIDE), mode, weights, 1)) {
      float[] scores = new float[SIZE * CLASSES];
      evaluator.answers(batch(1)).floats(Classifier.LOGITS).get(scores);
      return scores;
    }
  }

  private static void step(Trainer<Batch> trainer, long seed) {
    trainer.apply(trainer.computeShard(batch(seed)), 1, 1e-3);
  }

  private static int parameters(List<NamedTensor> model) {
    return model.stream()
        .filter(tensor -> !tensor.name().contains("running_"))
        .mapToInt(NamedTensor::elements)
        .sum();
  }

  private static float[] floats(ByteBuffer vector) {
    float[] values = new float[vector.asFloatBuffer().remaining()];
    vector.asFloatBuffer().get(values);
    return values;
  }

  private static Map<String, float[]> everything(Trainer<Batch> trainer) {
    Map<String, float[]> all = new HashMap<>();
    trainer.model().forEach(t -> all.put("model " + t.name(), floats(t.data())));
    trainer.ema().forEach(t -> all.put("ema " + t.name(), floats(t.data())));
    trainer.state().forEach(t -> all.put("state " + t.name(), floats(t.data())));
    return all;
  }

  private static Map<String, NamedTensor> copies(List<NamedTensor> tensors) {
    return tensors.stream().collect(Collectors.toMap(NamedTensor::name, TrainerTest::copy));
  }

  private static NamedTensor copy(NamedTensor tensor) {
    ByteBuffer data =
        ByteBuffer.allocateDirect(tensor.data().limit()).order(ByteOrder.nativeOrder());
    data.put(tensor.data().duplicate().clear()).flip();
    return new NamedTensor(tensor.name(), tensor.type(), tensor.shape(), data);
  }
}
