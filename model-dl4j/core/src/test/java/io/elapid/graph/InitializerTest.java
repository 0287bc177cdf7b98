package io.elapid.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InitializerTest {
  private static final int MANY = 100_000;

  @Test
  void drawsDependOnSeedAndNameOnly() {
    Initializer uniform = new Initializer.Uniform(0, 1);
    assertThat(uniform.draw(1, "a", 4)).isEqualTo(uniform.draw(1, "a", 4));
    assertThat(uniform.draw(1, "a", 4)).isNotEqualTo(uniform.draw(2, "a", 4));
    assertThat(uniform.draw(1, "a", 4)).isNotEqualTo(uniform.draw(1, "b", 4));
    assertThat(uniform.draw(1, "a", 8)).startsWith(uniform.draw(1, "a", 4));
  }

  @Test
  void neighbouringSeedsGiveUnrelatedSequences() {
    Initializer uniform = new Initializer.Uniform(0, 1);
    double[] first = uniform.draw(1, "a", 1000);
    double[] second = uniform.draw(2, "a", 1000);
    assertThat(Arrays.stream(first).filter(v -> Arrays.stream(second).anyMatch(w -> v == w)))
        .isEmpty();
  }

  @Test
  void fanInBoundIsOneOverItsRoot() {
    double[] values = Initializer.fanIn(8, 4, 3, 3).draw(1, "w", MANY);
    assertThat(Arrays.stream(values).map(Math::abs).max().orElseThrow())
        .isCloseTo(1 / 6.0, within(1e-4))
        .isLessThanOrEqualTo(1 / 6.0);
    assertThat(Arrays.stream(values).average().orElseThrow()).isCloseTo(0, within(1e-3));
  }

  @Test
  void normalHasTheDeviationAndStaysWithinTwo() {
    double[] values = new Initializer.TruncatedNormal(1).draw(1, "w", MANY);
    assertThat(Arrays.stream(values).map(Math::abs).max().orElseThrow()).isBetween(1.99, 2.0);
    double[] narrow = new Initializer.TruncatedNormal(0.02).draw(1, "w", MANY);
    double variance = Arrays.stream(narrow).map(v -> v * v).average().orElseThrow();
    assertThat(Math.sqrt(variance)).isCloseTo(0.02, within(2e-4));
  }
}
