package io.elapid.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;

/** A distribution that a tensor's first values must look drawn from. */
sealed interface Start {
  Start ZERO = new Constant(0);
  Start ONE = new Constant(1);

  /** Fails if they do not. */
  void check(String name, double[] values);

  /** PyTorch's default for a convolution or linear layer with a weight of that shape. */
  static Start fanIn(long... weightShape) {
    double fanIn = Arrays.stream(weightShape).skip(1).asDoubleStream().reduce(1, (a, b) -> a * b);
    return rootOf(fanIn);
  }

  /** Uniform within one over the root of {@code count}. */
  static Start rootOf(double count) {
    return new Uniform(-1 / Math.sqrt(count), 1 / Math.sqrt(count));
  }

  /** Every value alike. */
  record Constant(double value) implements Start {
    @Override
    public void check(String name, double[] values) {
      assertThat(values).as(name).containsOnly(value);
    }
  }

  /** All values between two bounds alike. */
  record Uniform(double low, double high) implements Start {
    @Override
    public void check(String name, double[] values) {
      assertThat(Arrays.stream(values).min().orElseThrow()).as(name).isGreaterThanOrEqualTo(low);
      assertThat(Arrays.stream(values).max().orElseThrow()).as(name).isLessThanOrEqualTo(high);
      assertMoments(name, values, (low + high) / 2, (high - low) / Math.sqrt(12));
    }
  }

  /** Normal with mean 0. */
  record Normal(double deviation) implements Start {
    @Override
    public void check(String name, double[] values) {
      assertMoments(name, values, 0, deviation);
      // a uniform distribution of this deviation ends before twice its size
      if (values.length >= 1000) {
        assertThat(Arrays.stream(values).map(Math::abs).max().orElseThrow())
            .as(name)
            .isGreaterThan(2 * deviation);
      }
    }
  }

  /** {@code ln(1), ln(2), ...} in every row. */
  record LogarithmsOf(long states) implements Start {
    @Override
    public void check(String name, double[] values) {
      double[] expected = new double[values.length];
      Arrays.setAll(expected, i -> Math.log(i % states + 1.0));
      assertThat(values).as(name).containsExactly(expected, within(1e-12));
    }
  }

  /** What softplus makes steps of whose logarithms are uniform between 0.001 and 0.1. */
  record InverseSoftplusOfSteps() implements Start {
    @Override
    public void check(String name, double[] values) {
      double[] logarithms =
          Arrays.stream(values).map(v -> Math.log(Math.log1p(Math.exp(v)))).toArray();
      new Uniform(Math.log(0.001) - 1e-9, Math.log(0.1) + 1e-9).check(name, logarithms);
    }
  }

  /** Mean and variance within five standard errors (those of a normal distribution). */
  private static void assertMoments(String name, double[] values, double mean, double deviation) {
    double count = values.length;
    double average = Arrays.stream(values).average().orElseThrow();
    assertThat(average).as(name).isCloseTo(mean, within(5 * deviation / Math.sqrt(count)));
    double square = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    assertThat(square / (deviation * deviation))
        .as(name)
        .isCloseTo(1, within(5 * Math.sqrt(2 / count)));
  }
}
