package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.data.InputException;
import io.elapid.data.loader.Batch;
import io.elapid.graph.Freezing;
import io.elapid.graph.Mode;
import io.elapid.graph.NamePattern;
import io.elapid.graph.ParameterTable;
import io.elapid.graph.Slot;
import io.elapid.kernel.OptimizerKernel.Units;
import io.elapid.model.Backbone;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import io.elapid.optim.GradientClip;
import io.elapid.optim.ParameterRange;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("backend")
class ParameterRulesTest {
  private static final int SIZE = 4;
  private static final int SIDE = 32;
  private static final int CLASSES = 10;
  private static final Backbone NETWORK = Models.byName("efficientvim_nano");
  private static final ParameterTable TABLE = NETWORK.tensors(Mode.TRAIN, CLASSES);

  private static final Freezing STEM =
      new Freezing(
          List.of(new NamePattern("patch_embed.*"), new NamePattern("stages.0.*")),
          Freezing.Norms.RUNNING);

  private static ParameterRules.Rule rule(String names, OptionalDouble rate, double decay) {
    return new ParameterRules.Rule(new NamePattern(names), rate, OptionalDouble.of(decay));
  }

  private static Trainer<Batch> trainer(Freezing freezing, GradientClip.Limits clip) {
    return new Trainer<>(
        new TrainerSettings<>(
            new Classifier(NETWORK, CLASSES),
            Frame.square(SIZE, SIDE),
            5,
            AdamWSettings.published(),
            clip,
            0.9,
            new ParameterRules(ParameterRules.Decayed.MATRICES, List.of(), freezing),
            1));
  }

  @Test
  void theLastRuleThatMatchesCountsAndTheRestIsAsPublished() {
    ParameterRules rules =
        new ParameterRules(
            ParameterRules.Decayed.MATRICES,
            List.of(
                rule("heads.*", OptionalDouble.of(10), 0.5),
                rule("*heads.3.bias", OptionalDouble.empty(), 2)),
            new Freezing(List.of(new NamePattern("patch_embed.*")), Freezing.Norms.BATCH));
    List<ParameterRange> ranges = rules.ranges(TABLE);
    List<Slot> slots = TABLE.parameters();
    for (int i = 0; i < slots.size(); i++) {
      String name = slots.get(i).name();
      ParameterRange range = ranges.get(i);
      if (name.startsWith("patch_embed.")) {
        assertThat(range.rateScale()).as(name).isZero();
      } else if (name.equals("heads.3.bias")) {
        assertThat(range).extracting("rateScale", "decayScale").containsExactly(10.0, 2.0);
      } else if (name.startsWith("heads.")) {
        assertThat(range).extracting("rateScale", "decayScale").containsExactly(10.0, 0.5);
      } else {
        double decay = slots.get(i).shape().length > 1 && !name.endsWith(".bias") ? 1 : 0;
        assertThat(range)
            .as(name)
            .extracting("rateScale", "decayScale")
            .containsExactly(1.0, decay);
      }
    }
  }

  @Test
  void allTensorsDecayWhereTheRecipeSaysSo() {
    ParameterRules all =
        new ParameterRules(ParameterRules.Decayed.ALL, List.of(), Freezing.nothing());
    assertThat(all.ranges(TABLE)).allMatch(range -> range.decayScale() == 1);
  }

  @Test
  void unitsAreRowsAndWholeVectors() {
    List<Slot> slots = TABLE.parameters();
    List<Units> units = ParameterRules.published().units(TABLE);
    assertThat(units).hasSameSizeAs(slots);
    for (int i = 0; i < slots.size(); i++) {
      long[] shape = slots.get(i).shape();
      assertThat((long) units.get(i).count()).isEqualTo(shape.length > 1 ? shape[0] : 1);
      assertThat((long) units.get(i).count() * units.get(i).length())
          .isEqualTo(slots.get(i).length());
    }
  }

  @Test
  void patternsThatMatchNothingAreNamedTogether() {
    ParameterRules rules =
        new ParameterRules(
            ParameterRules.Decayed.MATRICES,
            List.of(rule("head.*", OptionalDouble.of(2), 1)),
            new Freezing(
                List.of(new NamePattern("stem.*"), new NamePattern("heads.*")),
                Freezing.Norms.BATCH));
    assertThatThrownBy(() -> rules.requireFitting("efficientvim_nano", TABLE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no parameter of efficientvim_nano is called head.* or stem.*");
    ParameterRules everything =
        new ParameterRules(
            ParameterRules.Decayed.MATRICES,
            List.of(),
            new Freezing(List.of(new NamePattern("*")), Freezing.Norms.BATCH));
    assertThatThrownBy(() -> everything.requireFitting("efficientvim_nano", TABLE))
        .hasMessageContaining("every parameter of efficientvim_nano is frozen");
  }

  @Test
  void statisticsStayOfBatchNormsAlone() {
    ParameterRules some = keeping("patch_embed.*", "heads.*.bias");
    assertThatThrownBy(() -> some.requireFitting("efficientvim_nano", TABLE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no batch norm of efficientvim_nano")
        .hasMessageContaining("is called heads.*.bias");
    keeping("patch_embed.*", "*.weight").requireFitting("efficientvim_nano", TABLE);
  }

  private static ParameterRules keeping(String... statistics) {
    List<NamePattern> names = Stream.of(statistics).map(NamePattern::new).toList();
    return new ParameterRules(
        ParameterRules.Decayed.MATRICES,
        List.of(),
        new Freezing(List.of(), Freezing.Norms.BATCH, names));
  }

  @Test
  void aDotIsADotAndAStarAnything() {
    assertThat(new NamePattern("a.*").matches("a.b.c")).isTrue();
    assertThat(new NamePattern("a.*").matches("ab")).isFalse();
    assertThat(new NamePattern("*.bias").matches("a.b.bias")).isTrue();
    assertThat(new NamePattern("*norm*").matches("stages.0.norm.weight")).isTrue();
    assertThat(new NamePattern("a").matches("a.b")).isFalse();
  }

  @Test
  void whatIsFrozenStaysBitForBitAndCostsNoGradient() {
    Map<String, float[]> before;
    try (Trainer<Batch> all = trainer(Freezing.nothing(), GradientClip.Limits.norm(1));
        Trainer<Batch> trainer = trainer(STEM, GradientClip.Limits.norm(1))) {
      before = tensors(trainer);
      for (int i = 0; i < 3; i++) {
        trainer.apply(trainer.computeShard(batch(i)), 1, 1e-2);
      }
      Map<String, float[]> after = tensors(trainer);
      for (String name : before.keySet()) {
        boolean frozen = name.contains(" patch_embed.") || name.contains(" stages.0.");
        if (frozen) {
          assertThat(after.get(name)).as(name).isEqualTo(before.get(name));
        } else if (!name.endsWith(".mixer.A")) { // which cannot change anything, so has no gradient
          assertThat(after.get(name)).as(name).isNotEqualTo(before.get(name));
        }
      }
      assertThat(trainer.program().size()).isLessThan(all.program().size() - 30);
    }
  }

  @Test
  void whatIsFrozenStaysBitForBitWhenThreeRanksAreAveraged() {
    try (Trainer<Batch> trainer = trainer(STEM, GradientClip.Limits.norm(1))) {
      trainer.apply(trainer.computeShard(batch(1)), 1, 1e-2);
      Map<String, float[]> before = tensors(trainer);
      ByteBuffer third =
          ByteBuffer.allocateDirect(trainer.averagedLength() * Float.BYTES)
              .order(ByteOrder.nativeOrder());
      trainer.averagingShare(1.0 / 3, third);
      FloatBuffer sum = third.asFloatBuffer();
      for (int i = 0; i < sum.limit(); i++) {
        sum.put(i, sum.get(i) + sum.get(i) + sum.get(i));
      }

      trainer.loadAverage(third);

      Map<String, float[]> after = tensors(trainer);
      for (String name : before.keySet()) {
        if (name.contains(" patch_embed.") || name.contains(" stages.0.")) {
          assertThat(after.get(name)).as(name).isEqualTo(before.get(name));
        }
      }
      assertThat(after.get("model heads.0.weight"))
          .isNotEqualTo(before.get("model heads.0.weight"));
    }
  }

  @Test
  void theAverageOfWhatIsFrozenLaterGoesOnToIt() {
    try (Trainer<Batch> all = trainer(Freezing.nothing(), GradientClip.Limits.norm(1));
        Trainer<Batch> trainer = trainer(STEM, GradientClip.Limits.norm(1));
        Trainer<Batch> driver = trainer(STEM, GradientClip.Limits.norm(1))) {
      for (int i = 0; i < 3; i++) {
        all.apply(all.computeShard(batch(i)), 1, 1e-2);
      }
      goOn(all, trainer);
      goOn(all, driver);

      trainer.apply(trainer.computeShard(batch(3)), 1, 1e-2);
      assertAverageOfStemMovedOn(tensors(all), tensors(trainer));

      ByteBuffer share =
          ByteBuffer.allocateDirect(trainer.averagedLength() * Float.BYTES)
              .order(ByteOrder.nativeOrder());
      trainer.averagingShare(1, share);
      driver.loadAverage(share);
      Map<String, float[]> expected = tensors(trainer);
      tensors(driver).forEach((name, v) -> assertThat(v).as(name).isEqualTo(expected.get(name)));
    }
  }

  private static void goOn(Trainer<Batch> from, Trainer<Batch> to) {
    to.restore(named(from.model()), named(from.ema()), named(from.state()));
  }

  private static Map<String, NamedTensor> named(List<NamedTensor> tensors) {
    return tensors.stream().collect(Collectors.toMap(NamedTensor::name, tensor -> tensor));
  }

  private static void assertAverageOfStemMovedOn(
      Map<String, float[]> before, Map<String, float[]> after) {
    int moved = 0;
    for (Slot slot : TABLE.slots()) {
      if (slot.name().startsWith("patch_embed.") || slot.name().startsWith("stages.0.")) {
        float[] own = before.get("model " + slot.name());
        float[] average = before.get("ema " + slot.name());
        float[] now = after.get("ema " + slot.name());
        assertThat(after.get("model " + slot.name())).as(slot.name()).isEqualTo(own);
        for (int i = 0; i < own.length; i++) {
          moved += now[i] == average[i] ? 0 : 1;
          double wanted = 0.9 * average[i] + 0.1 * own[i];
          assertThat((double) now[i]).as(slot.name()).isCloseTo(wanted, within(1e-6));
        }
      }
    }
    assertThat(moved).isGreaterThan(100);
  }

  @Test
  void frozenNormsMayGoByTheBatchAndThenTheirStatisticsMove() {
    Freezing batchNorms = new Freezing(STEM.frozen(), Freezing.Norms.BATCH);
    try (Trainer<Batch> trainer = trainer(batchNorms, GradientClip.Limits.norm(1))) {
      String weight = "model patch_embed.conv.0.norm.weight";
      String mean = "model patch_embed.conv.0.norm.running_mean";
      Map<String, float[]> before = tensors(trainer);
      trainer.apply(trainer.computeShard(batch(1)), 1, 1e-2);
      Map<String, float[]> after = tensors(trainer);
      assertThat(after.get(weight)).isEqualTo(before.get(weight));
      assertThat(after.get(mean)).isNotEqualTo(before.get(mean));
    }
  }

  @Test
  void freezingChangesNoOtherGradient() {
    Freezing head = new Freezing(List.of(new NamePattern("patch_embed.*")), Freezing.Norms.BATCH);
    try (Trainer<Batch> all = trainer(Freezing.nothing(), GradientClip.Limits.norm(0));
        Trainer<Batch> some = trainer(head, GradientClip.Limits.norm(0))) {
      FloatBuffer whole = all.computeShard(batch(1)).asFloatBuffer();
      FloatBuffer part = some.computeShard(batch(1)).asFloatBuffer();
      for (Slot slot : TABLE.parameters()) {
        for (int i = (int) slot.offset(); i < slot.offset() + slot.length(); i++) {
          float expected = slot.name().startsWith("patch_embed.") ? 0 : whole.get(i);
          assertThat(part.get(i)).as(slot.name()).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void adaptiveClippingLimitsEachRowToItsShareOfTheWeights() {
    double factor = 1e-4;
    try (Trainer<Batch> trainer = trainer(Freezing.nothing(), new GradientClip.Limits(0, factor))) {
      Map<String, float[]> weights = tensors(trainer);
      ByteBuffer vector = trainer.computeShard(batch(1));
      trainer.apply(vector, 1, 1e-3);
      FloatBuffer clipped = vector.asFloatBuffer();
      int atLimit = 0;
      for (Slot slot : TABLE.parameters()) {
        float[] values = weights.get("model " + slot.name());
        int rows = slot.shape().length > 1 ? (int) slot.shape()[0] : 1;
        int length = (int) slot.length() / rows;
        for (int row = 0; row < rows; row++) {
          double w = 0;
          double g = 0;
          for (int i = row * length; i < (row + 1) * length; i++) {
            w += (double) values[i] * values[i];
            g += Math.pow(clipped.get((int) slot.offset() + i), 2);
          }
          double limit = factor * Math.max(Math.sqrt(w), 1e-3);
          assertThat(Math.sqrt(g)).as("%s row %d", slot, row).isLessThan(limit * (1 + 1e-5));
          atLimit += Math.sqrt(g) > limit * (1 - 1e-5) ? 1 : 0;
        }
      }
      assertThat(atLimit).isGreaterThan(100);
    }
  }

  private static Batch batch(long seed) {
    return Batches.noise(seed, SIZE, SIDE, CLASSES);
  }

  private static Map<String, float[]> tensors(Trainer<Batch> trainer) {
    Map<String, float[]> all = new HashMap<>();
    trainer.model().forEach(t -> all.put("model " + t.name(), copy(t)));
    trainer.ema().forEach(t -> all.put("ema " + t.name(), copy(t)));
    return all;
  }

  private static float[] copy(NamedTensor tensor) {
    float[] values = new float[tensor.elements()];
    tensor.floats().get(values);
    return values;
  }
}
