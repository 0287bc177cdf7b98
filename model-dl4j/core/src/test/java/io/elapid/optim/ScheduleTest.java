package io.elapid.optim;

import static io.elapid.optim.CosineSchedule.Placement.AFTER_WARMUP;
import static io.elapid.optim.CosineSchedule.Placement.UNDER_WARMUP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.DownstreamGolden;
import io.elapid.optim.CosineSchedule.Pace;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {
  private static final Decay.Pace STEP = Decay.Pace.STEP;

  /** The published recipes, at the updates per epoch that the golden values assume. */
  private static final Map<String, Schedule> PUBLISHED =
      Map.ofEntries(
          Map.entry(
              "tinyvim_epoch_rule",
              new CosineSchedule(1, 300, 10, 4e-3, 1e-5, 5, 1e-6, UNDER_WARMUP, Pace.EPOCH)),
          Map.entry(
              "tinyvim_lr_used_in_epoch",
              new CosineSchedule(1, 300, 10, 4e-3, 1e-5, 5, 1e-6, UNDER_WARMUP, Pace.EPOCH_LATE)),
          Map.entry(
              "efficientvim_iter",
              new CosineSchedule(10, 300, 10, 2e-3, 2e-5, 20, 2e-6, AFTER_WARMUP, Pace.STEP)),
          Map.entry(
              "mobilemamba_iter",
              new CosineSchedule(10, 300, 0, 3e-3, 3e-5, 20, 3e-6, UNDER_WARMUP, Pace.STEP)),
          Map.entry(
              "efficientvmamba_iter",
              new CosineSchedule(
                  10, 300, 0, 2e-3, 1e-6, 20, 1e-7, AFTER_WARMUP, Pace.EPOCH_THEN_STEP_LATE)),
          Map.entry("mmcv_step_1x", staged(1000, 12, 2e-4, behind(500, 1e-3), steps(8, 11))),
          Map.entry(
              "mmcv_step_1x_tinyvim", staged(1000, 12, 2e-4, behind(500, 1e-6), steps(8, 11))),
          Map.entry(
              "mmcv_poly_40k",
              staged(1, 40_000, 2e-4, LinearWarmup.none(), new Decay.Polynomial(0.9, 1e-6, STEP))),
          Map.entry(
              "mmcv_poly_upernet",
              staged(1, 160_000, 6e-5, behind(1500, 1e-6), new Decay.Polynomial(1, 0, STEP))),
          Map.entry(
              "mmengine_linear_cosine_det",
              staged(1000, 12, 2e-4, at(500, 1e-5), new Decay.LateCosine(6, 0, Decay.Pace.EPOCH))),
          Map.entry(
              "mmengine_linear_cosine_seg160k",
              staged(1, 160_000, 1.2e-4, at(1500, 1e-6), new Decay.LateCosine(80_000, 0, STEP))),
          Map.entry(
              "mmengine_multistep_det", staged(2000, 12, 1e-4, at(1000, 1e-3), steps(8, 11))));

  private static Schedule staged(
      long stepsPerEpoch, int epochs, double peak, LinearWarmup warmup, Decay decay) {
    return new StagedSchedule(stepsPerEpoch, epochs, 0, peak, warmup, decay);
  }

  private static LinearWarmup behind(long steps, double start) {
    return new LinearWarmup(steps, start, LinearWarmup.Reach.BEHIND);
  }

  private static LinearWarmup at(long steps, double start) {
    return new LinearWarmup(steps, start, LinearWarmup.Reach.LAST);
  }

  private static Decay steps(int... epochs) {
    return new Decay.Steps(Arrays.stream(epochs).boxed().toList(), 0.1);
  }

  static List<Named<JsonNode>> published() {
    return DownstreamGolden.family("recipe").stream()
        .flatMap(
            golden -> StreamSupport.stream(golden.index().get("schedules").spliterator(), false))
        .map(schedule -> Named.of(schedule.get("name").asText(), schedule))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("published")
  void publishedRecipesGetTheirPublishedRates(JsonNode golden) {
    Schedule schedule = PUBLISHED.get(golden.get("name").asText());
    assertThat(schedule).as("a schedule that no recipe here can have").isNotNull();
    for (JsonNode point : golden.get("points")) {
      double expected = point.get(1).asDouble();
      assertThat(schedule.learningRate(point.get(0).asLong()))
          .as("step %s", point.get(0))
          .isCloseTo(expected, within(1e-9 * expected + 1e-15));
    }
  }

  @Test
  void ratesStayConstantWithinAnEpochWhenThePaceIsByEpoch() {
    CosineSchedule schedule =
        new CosineSchedule(10, 8, 2, 1.0, 0.1, 2, 0.01, UNDER_WARMUP, Pace.EPOCH);
    assertThat(schedule.learningRate(39)).isEqualTo(schedule.learningRate(30));
    assertThat(schedule.learningRate(40)).isLessThan(schedule.learningRate(39));
  }

  @Test
  void coolDownStaysAtTheMinimumAndCountsAsTraining() {
    CosineSchedule schedule =
        new CosineSchedule(10, 8, 2, 1.0, 0.1, 2, 0.01, AFTER_WARMUP, Pace.STEP);
    assertThat(schedule.totalSteps()).isEqualTo(100);
    assertThat(schedule.learningRate(80)).isEqualTo(0.1);
    assertThat(schedule.learningRate(99)).isEqualTo(0.1);
  }

  @Test
  void warmUpMayEndWithinAnEpochOrBeAbsent() {
    CosineSchedule half = new CosineSchedule(10, 8, 0, 1.0, 0.0, 0.5, 0.0, AFTER_WARMUP, Pace.STEP);
    assertThat(half.learningRate(4)).isCloseTo(0.8, within(1e-12));
    assertThat(half.learningRate(5)).isEqualTo(1.0);
    CosineSchedule none = new CosineSchedule(10, 8, 0, 1.0, 0.0, 0, 0.5, AFTER_WARMUP, Pace.STEP);
    assertThat(none.learningRate(0)).isEqualTo(1.0);
  }

  @Test
  void impossibleDurationsAreRefused() {
    assertThatThrownBy(() -> new CosineSchedule(10, 5, 0, 1, 0, 5, 0, AFTER_WARMUP, Pace.STEP))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("warm-up of 5.0 epochs in a schedule of 5");
    assertThatThrownBy(() -> new CosineSchedule(0, 5, 0, 1, 0, 1, 0, AFTER_WARMUP, Pace.STEP))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aConstantRateHasAWarmUpToo() {
    Schedule schedule = new StagedSchedule(2, 3, 1, 3e-4, behind(2, 0.5), new Decay.Constant());
    assertThat(schedule.learningRate(0)).isEqualTo(1.5e-4);
    assertThat(schedule.learningRate(1)).isCloseTo(2.25e-4, within(1e-12));
    assertThat(schedule.learningRate(2)).isEqualTo(schedule.learningRate(1_000)).isEqualTo(3e-4);
    assertThat(schedule.totalSteps()).isEqualTo(8);
  }

  @Test
  void aLinearDecayEndsAtItsMinimumAndStaysThere() {
    Decay linear = new Decay.Polynomial(1, 0.2, STEP);
    Schedule schedule = new StagedSchedule(10, 4, 1, 1, LinearWarmup.none(), linear);
    assertThat(schedule.learningRate(10)).isCloseTo(0.8, within(1e-12));
    assertThat(schedule.learningRate(40)).isEqualTo(0.2);
    assertThat(schedule.learningRate(49)).isEqualTo(0.2);
    Decay byEpoch = new Decay.Polynomial(1, 0.2, Decay.Pace.EPOCH);
    Schedule stairs = new StagedSchedule(10, 4, 1, 1, LinearWarmup.none(), byEpoch);
    assertThat(stairs.learningRate(19)).isEqualTo(stairs.learningRate(10));
    assertThat(stairs.learningRate(20)).isCloseTo(0.6, within(1e-12));
  }

  @Test
  void aWarmUpThatEndsAtItsLastStepMayBeOneStepLong() {
    assertThat(staged(1, 2, 1, at(1, 0.1), new Decay.Constant()).learningRate(0)).isEqualTo(1);
  }
}
