package io.elapid.optim;

import static io.elapid.optim.CosineSchedule.Placement.AFTER_WARMUP;
import static io.elapid.optim.CosineSchedule.Placement.UNDER_WARMUP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.DownstreamGolden;
import io.elapid.optim.CosineSchedule.Pace;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
  /** The published recipes, at the ten updates per epoch that the golden values assume. */
  private static final Map<String, CosineSchedule> PUBLISHED =
      Map.of(
          "tinyvim_epoch_rule",
              new CosineSchedule(1, 300, 10, 4e-3, 1e-5, 5, 1e-6, UNDER_WARMUP, Pace.EPOCH),
          "tinyvim_lr_used_in_epoch",
              new CosineSchedule(1, 300, 10, 4e-3, 1e-5, 5, 1e-6, UNDER_WARMUP, Pace.EPOCH_LATE),
          "efficientvim_iter",
              new CosineSchedule(10, 300, 10, 2e-3, 2e-5, 20, 2e-6, AFTER_WARMUP, Pace.STEP),
          "mobilemamba_iter",
              new CosineSchedule(10, 300, 0, 3e-3, 3e-5, 20, 3e-6, UNDER_WARMUP, Pace.STEP),
          "efficientvmamba_iter",
              new CosineSchedule(
                  10, 300, 0, 2e-3, 1e-6, 20, 1e-7, AFTER_WARMUP, Pace.EPOCH_THEN_STEP_LATE));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tinyvim_epoch_rule",
        "tinyvim_lr_used_in_epoch",
        "efficientvim_iter",
        "mobilemamba_iter",
        "efficientvmamba_iter"
      })
  void publishedRecipesGetTheirPublishedRates(String name) {
    for (DownstreamGolden golden : DownstreamGolden.family("recipe")) {
      for (JsonNode schedule : golden.index().get("schedules")) {
        if (schedule.get("name").asText().equals(name)) {
          for (JsonNode point : schedule.get("points")) {
            double expected = point.get(1).asDouble();
            assertThat(PUBLISHED.get(name).learningRate(point.get(0).asLong()))
                .as("step %s", point.get(0))
                .isCloseTo(expected, within(1e-9 * expected));
          }
        }
      }
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
  void aConstantScheduleIsConstant() {
    Schedule schedule = new ConstantSchedule(3e-4, 7);
    assertThat(schedule.learningRate(0)).isEqualTo(schedule.learningRate(1_000)).isEqualTo(3e-4);
    assertThat(schedule.totalSteps()).isEqualTo(7);
  }
}
