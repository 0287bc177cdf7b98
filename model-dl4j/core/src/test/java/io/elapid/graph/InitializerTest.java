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

  @Test
  void decaysCountUpInEveryRow() {
    assertThat(new Initializer.LogCount(3).draw(1, "A_logs", 6))
        .containsExactly(0, Math.log(2), Math.log(3), 0, Math.log(2), Math.log(3));
  }

  @Test
  void stepBiasesAreLogUniformAfterTheSoftplus() {
    double[] biases = new Initializer.InverseSoftplus(0.001, 0.1, 1e-4).draw(1, "b", MANY);
    double[] logs = Arrays.stream(biases).map(b -> Math.log(Math.log1p(Math.exp(b)))).toArray();
    assertThat(Arrays.stream(logs).min().orElseThrow()).isCloseTo(Math.log(0.001), within(1e-3));
    assertThat(Arrays.stream(logs).max().orElseThrow()).isCloseTo(Math.log(0.1), within(1e-3));
    assertThat(Arrays.stream(logs).average().orElseThrow()).isCloseTo(Math.log(0.01), within(0.02));
    double[] floored = new Initializer.InverseSoftplus(1e-6, 1e-5, 1e-4).draw(1, "b", 10);
    assertThat(floored).containsOnly(new double[] {Math.log(Math.expm1(1e-4))}, within(1e-9));
  }
}
