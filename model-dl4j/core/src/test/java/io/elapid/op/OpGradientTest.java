package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Ops in a SameDiff graph, run by SameDiff's own session: derivatives are those of what forward
 * computes.
 */
@Tag("backend")
class OpGradientTest {
  private static final double STEP = 1e-5;

  @BeforeAll
  static void register() {
    OpRegistry.register();
  }

  static List<OpCase> cases() {
    return Stream.concat(OpCases.all().stream(), ScanCases.composed().stream()).toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsInDoubleAreTheDifferencesOfForward(OpCase op) {
    Map<String, INDArray> values = op.values(DataType.DOUBLE);
    Map<String, INDArray> gradients = op.run(values, DataType.DOUBLE, true).gradients();
    for (OpCase.Input input : op.inputs()) {
      if (!input.differentiable()) {
        continue;
      }
      INDArray value = values.get(input.name());
      INDArray gradient = gradients.get(input.name());
      assertThat(gradient.shape()).isEqualTo(value.shape());
      for (long i : sample(value.length())) {
        double expected = difference(op, values, value, i);
        assertThat(gradient.reshape(-1).getDouble(i))
            .as("d/d%s[%d]", input.name(), i)
            .isCloseTo(
                expected, org.assertj.core.data.Offset.offset(2e-7 * (1 + Math.abs(expected))));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void floatAgreesWithDouble(OpCase op) {
    OpCase.Result wide = op.run(op.values(DataType.DOUBLE), DataType.DOUBLE, true);
    OpCase.Result narrow = op.run(op.values(DataType.FLOAT), DataType.FLOAT, true);
    for (int i = 0; i < wide.outputs().size(); i++) {
      assertClose("output " + i, narrow.outputs().get(i), wide.outputs().get(i), 2e-6);
    }
    wide.gradients()
        .forEach(
            (name, expected) -> assertClose(name, narrow.gradients().get(name), expected, 5e-6));
  }

  private static void assertClose(
      String what, INDArray actual, INDArray expected, double tolerance) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    double scale = Math.max(1, expected.amaxNumber().doubleValue());
    double error = actual.castTo(DataType.DOUBLE).sub(expected).amaxNumber().doubleValue();
    assertThat(error).as(what).isLessThan(tolerance * scale);
  }

  /** A few elements, the first and the last among them. */
  private static long[] sample(long length) {
    return java.util.stream.LongStream.of(0, length / 3, length / 2, length - 1)
        .distinct()
        .toArray();
  }

  private static double difference(
      OpCase op, Map<String, INDArray> values, INDArray value, long index) {
    INDArray flat = value.reshape(-1);
    double original = flat.getDouble(index);
    flat.putScalar(index, original + STEP);
    double above = op.run(values, DataType.DOUBLE, false).loss();
    flat.putScalar(index, original - STEP);
    double below = op.run(values, DataType.DOUBLE, false).loss();
    flat.putScalar(index, original);
    return (above - below) / (2 * STEP);
  }
}
