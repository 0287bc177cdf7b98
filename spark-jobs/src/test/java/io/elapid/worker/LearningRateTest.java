package io.elapid.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.elapid.optim.Schedule;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Schedules of published recipes, as recipes ask for them; values as in golden/recipe.json. */
final class LearningRateTest {
  private static Schedule schedule(String text) {
    return LearningRate.of(
        LoneRank.recipe("schedule { cooldown-epochs = 0, " + text + " }", List.of()), 1263);
  }

  /** Semantic FPN in mmsegmentation. */
  @Test
  void polynomialCountedInSteps() {
    Schedule schedule =
        schedule(
            "type = poly, steps = 40000, warmup-epochs = 0, learning-rate = 2e-4, min-learning-rate"
                + " = 1e-6, warmup-learning-rate = 0, power = 0.9");

    assertThat(schedule.totalSteps()).isEqualTo(40_000);
    assertRate(schedule, 0, 0.0002);
    assertRate(schedule, 1000, 0.00019551685113631956);
    assertRate(schedule, 39_999, 1.014354864063804e-06);
  }

  /** Semantic FPN of MobileMamba, with the warm-up of mmengine. */
  @Test
  void lateCosineCountedInSteps() {
    Schedule schedule =
        schedule(
            "type = flat-cosine, steps = 160000, decay-step = 80000, warmup-epochs = 0,"
                + " warmup-steps = 1500, warmup-reach = last, learning-rate = 1.2e-4,"
                + " warmup-learning-rate = 1.2e-10, min-learning-rate = 0");

    assertRate(schedule, 750, 6.004008664442963e-05);
    assertRate(schedule, 80_000, 0.00012);
    assertRate(schedule, 100_000, 0.00010242640687119285);
    assertRate(schedule, 140_000, 1.7573593128807153e-05);
  }

  @Test
  void milestonesCountedInSteps() {
    Schedule schedule =
        schedule(
            "type = step, steps = 3000, milestones = [1000, 2000], warmup-epochs = 0, learning-rate"
                + " = 1e-2, warmup-learning-rate = 0, min-learning-rate = 0");

    assertRate(schedule, 999, 1e-2);
    assertRate(schedule, 1000, 1e-3);
    assertRate(schedule, 2000, 1e-4);
  }

  private static void assertRate(Schedule schedule, long step, double rate) {
    assertThat(schedule.learningRate(step)).isCloseTo(rate, withinPercentage(1e-7));
  }
}
