package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Goldens;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Compares arrays with the samples and sums that golden files hold. */
final class GoldenAssertions {
  private GoldenAssertions() {}

  /** All of an array's elements, in row-major order. */
  static double[] elements(INDArray array) {
    return array.dup('c').data().asDouble();
  }

  static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  static double absSum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += Math.abs(value);
    }
    return sum;
  }

  static double rms(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum / values.length);
  }

  /** Shape, and {@code idx}/{@code val} within {@code tolerance}. */
  static void samples(String what, INDArray actual, JsonNode golden, double tolerance) {
    assertThat(actual.shape()).as(what).isEqualTo(Goldens.longs(golden.path("shape")));
    samples(what, elements(actual), golden, tolerance);
  }

  static void samples(String what, double[] actual, JsonNode golden, double tolerance) {
    long[] indices = Goldens.longs(golden.path("idx"));
    double[] values = Goldens.doubles(golden.path("val"));
    for (int i = 0; i < indices.length; i++) {
      assertThat(actual[(int) indices[i]])
          .as("%s[%d]", what, indices[i])
          .isCloseTo(values[i], within(tolerance));
    }
  }
}
