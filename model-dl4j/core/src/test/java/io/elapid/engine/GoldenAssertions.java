package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Goldens;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Compares arrays with the samples and sums that golden files hold. */
final class GoldenAssertions {
  private GoldenAssertions() {}

  /** All of an array's elements, in row-major order. */
  static double[] elements(INDArray array) {
    return array.dup('c').data().asDouble();
  }

  /**
   * All elements in the order of an array of another shape: official modules have their channels
   * last in some places, where ours are always second, and dimensions of one element more or less.
   */
  static double[] elements(String what, INDArray array, long[] shape) {
    if (Arrays.equals(squeezed(array.shape()), squeezed(shape))) {
      return elements(array);
    }
    long[] ours = array.shape();
    assertThat(ours).as("%s as %s", what, Arrays.toString(shape)).hasSize(4);
    long[] last = {ours[0], ours[2], ours[3], ours[1]};
    long[] flat = {ours[0], ours[2] * ours[3], ours[1]};
    assertThat(shape).as(what).isIn(last, flat);
    return elements(array.permute(0, 2, 3, 1));
  }

  private static long[] squeezed(long[] shape) {
    return Arrays.stream(shape).filter(size -> size > 1).toArray();
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

  static double absMax(double[] values) {
    double max = 0;
    for (double value : values) {
      max = Math.max(max, Math.abs(value));
    }
    return max;
  }

  static double rms(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return Math.sqrt(sum / values.length);
  }

  /** All elements within {@code tolerance}; a loop, since AssertJ compares all with all. */
  static void allClose(double[] actual, double[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
        assertThat(actual[i]).as("element %d", i).isCloseTo(expected[i], within(tolerance));
      }
    }
  }

  /** {@code mean} and {@code abs_mean} of all elements within {@code tolerance}. */
  static void means(String what, double[] actual, JsonNode golden, double tolerance) {
    assertThat(sum(actual) / actual.length)
        .as(what)
        .isCloseTo(golden.path("mean").asDouble(), within(tolerance));
    assertThat(absSum(actual) / actual.length)
        .as(what)
        .isCloseTo(golden.path("abs_mean").asDouble(), within(tolerance));
  }

  /** {@code sum} and {@code abs_sum} of all elements, of which each is within {@code tolerance}. */
  static void sums(String what, double[] actual, JsonNode golden, double tolerance) {
    double all = tolerance * actual.length;
    assertThat(sum(actual)).as(what).isCloseTo(golden.path("sum").asDouble(), within(all));
    assertThat(absSum(actual)).as(what).isCloseTo(golden.path("abs_sum").asDouble(), within(all));
  }

  /** Shape, and {@code idx}/{@code val} within {@code tolerance}. */
  static void samples(String what, INDArray actual, JsonNode golden, double tolerance) {
    assertThat(actual.shape()).as(what).isEqualTo(Goldens.longs(golden.path("shape")));
    samples(what, elements(actual), golden, tolerance);
  }

  static void samples(String what, double[] actual, JsonNode golden, double tolerance) {
    long[] indices = Goldens.longs(golden.path("idx"));
    double[] values = Goldens.doubles(golden.path("val"));
    assertThat(values).as(what).hasSameSizeAs(indices).isNotEmpty();
    for (int i = 0; i < indices.length; i++) {
      assertThat(actual[(int) indices[i]])
          .as("%s[%d]", what, indices[i])
          .isCloseTo(values[i], within(tolerance));
    }
  }
}
