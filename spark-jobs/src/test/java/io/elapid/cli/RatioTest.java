package io.elapid.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What can be said of two sides that were measured in turns. */
final class RatioTest {
  @Test
  void theIntervalHoldsTheTrueRatioInNineteenOfTwentyTrials() {
    Random random = new Random(1);
    int held = 0;
    int trials = 2000;
    for (int trial = 0; trial < trials; trial++) {
      Ratio ratio = trial(random, 50, 1.01);
      if (ratio.low() <= 1.01 && 1.01 <= ratio.high()) {
        held++;
      }
      assertThat(ratio.median()).isBetween(ratio.low(), ratio.high());
    }
    assertThat((double) held / trials).isBetween(0.94, 0.98);
  }

  @Test
  void twoPerCentAreToldApartWhereTurnsDifferByThree() {
    Ratio ratio = trial(new Random(2), 50, 1.02);
    assertThat(ratio.low()).isGreaterThan(1);
    assertThat(ratio.high() - ratio.low()).isLessThan(0.03);
  }

  /** Sides that drift together, as a machine does that grows warm. */
  private static Ratio trial(Random random, int turns, double factor) {
    long[] side = new long[turns];
    long[] other = new long[turns];
    for (int i = 0; i < turns; i++) {
      double drift = 1e9 * (1 + 0.3 * i / turns);
      side[i] = (long) (drift * factor * Math.exp(0.02 * random.nextGaussian()));
      other[i] = (long) (drift * Math.exp(0.02 * random.nextGaussian()));
    }
    return Ratio.of(side, other);
  }

  @Test
  void fewTurnsAreBoundByTheirExtremes() {
    long[] ones = new long[4];
    Arrays.fill(ones, 100);
    Ratio ratio = Ratio.of(new long[] {90, 120, 100, 110}, ones).plus(0.01);
    assertThat(ratio.low()).isCloseTo(0.91, within(1e-9));
    assertThat(ratio.median()).isCloseTo(1.06, within(1e-9));
    assertThat(ratio.high()).isCloseTo(1.21, within(1e-9));
  }
}
