package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Goldens.Golden;
import io.elapid.graph.Mode;
import io.elapid.graph.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gradients against the official networks. */
@Tag("backend")
class TrainGoldenTest {
  /** Relative to the root mean square of the tensor. */
  private static final double DOUBLE_TOLERANCE = 1e-6;

  /** Of a float32 run's error in the official network. */
  private static final double FLOAT_MARGIN = 10;

  /** The files give the norms of all gradients with six digits. */
  private static final double NORM_PERCENTAGE = 1e-3;

  static List<Arguments> files() {
    List<Arguments> cases = new ArrayList<>();
    for (Golden golden : GoldenNetwork.files("train")) {
      cases.add(Arguments.of(golden, DataType.FLOAT));
      cases.add(Arguments.of(golden, DataType.DOUBLE));
    }
    return cases;
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("files")
  void gradientsWithFrozenStatisticsEqualTheOfficialNetworks(Golden golden, DataType type) {
    JsonNode json = golden.json().path("frozen_bn");
    try (var backward = backward(golden, json, type, Mode.EVAL)) {
      assertLossAndGradients(backward, json, GoldenFamily.of(golden.json()), type);
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("files")
  void gradientsWithBatchStatisticsEqualTheOfficialNetworks(Golden golden, DataType type) {
    JsonNode json = golden.json().path("train_bn");
    GoldenFamily family = GoldenFamily.of(golden.json());
    try (var backward = backward(golden, json, type, Mode.TRAIN)) {
      assertLossAndGradients(backward, json, family, type);
      for (Map.Entry<String, JsonNode> norm : json.path("bn_after").properties()) {
        double tolerance = type == DataType.FLOAT ? family.tolerance(type) : 1e-8;
        assertStatistic(backward, norm.getKey() + ".running_mean", norm.getValue(), tolerance);
        assertStatistic(backward, norm.getKey() + ".running_var", norm.getValue(), tolerance);
      }
    }
  }

  private static GoldenNetwork.Backward backward(
      Golden golden, JsonNode json, DataType type, Mode mode) {
    return new GoldenNetwork.Backward(
        GoldenNetwork.backbone(golden), json, type, mode, golden.filler());
  }

  private static void assertLossAndGradients(
      GoldenNetwork.Backward backward, JsonNode json, GoldenFamily family, DataType type) {
    boolean isFloat = type == DataType.FLOAT;
    double loss = json.path("loss").asDouble();
    double results = isFloat ? family.tolerance(type) : 1e-9;
    assertThat(backward.loss()).isCloseTo(loss, within(results * loss));
    assertHeads(backward.heads(), json.path("logits_abs_sum"), isFloat ? results : 1e-8);
    for (Map.Entry<String, JsonNode> entry : json.path("grads").properties()) {
      assertGradient(backward, entry.getKey(), entry.getValue(), family, type);
    }
    if (!isFloat) {
      assertNorms(backward, json.path("grad_l2"));
    }
  }

  private static void assertHeads(List<INDArray> heads, JsonNode absSums, double tolerance) {
    assertThat(heads).hasSize(absSums.size());
    for (int i = 0; i < heads.size(); i++) {
      double expected = absSums.get(i).asDouble();
      assertThat(GoldenAssertions.absSum(GoldenAssertions.elements(heads.get(i))))
          .isCloseTo(expected, within(tolerance * expected));
    }
  }

  private static void assertGradient(
      GoldenNetwork.Backward backward,
      String name,
      JsonNode golden,
      GoldenFamily family,
      DataType type) {
    INDArray actual = backward.result(backward.slot(name)).mul(family.ratio(name));
    double rms = GoldenAssertions.rms(GoldenAssertions.elements(actual));
    if (golden.path("analytic_zero").asBoolean()) {
      assertThat(rms).as(name).isLessThan(type == DataType.FLOAT ? 1e-5 : 1e-12);
      return;
    }
    double floats =
        Math.max(family.gradientTolerance(), FLOAT_MARGIN * golden.path("f32_relerr").asDouble());
    double tolerance = type == DataType.FLOAT ? floats : DOUBLE_TOLERANCE;
    GoldenAssertions.samples(name, actual, golden, tolerance * rms);
  }

  private static void assertNorms(GoldenNetwork.Backward backward, JsonNode norms) {
    for (Slot slot : backward.parameters()) {
      JsonNode golden = norms.path(slot.name());
      double[] actual = GoldenAssertions.elements(backward.result(slot));
      double norm = GoldenAssertions.rms(actual) * Math.sqrt(actual.length);
      // a norm of 1e-12 is the rounding noise of a gradient that is zero
      if (!golden.isMissingNode() && golden.asDouble() > 1e-12) {
        assertThat(norm)
            .as(slot.name())
            .isCloseTo(golden.asDouble(), withPercentage(NORM_PERCENTAGE));
      }
    }
  }

  private static void assertStatistic(
      GoldenNetwork.Backward backward, String name, JsonNode golden, double tolerance) {
    Slot slot = backward.slot(name);
    JsonNode expected = golden.path(name.substring(name.lastIndexOf('.') + 1));
    double momentum = golden.path("momentum").asDouble();
    double[] running = GoldenAssertions.elements(backward.weight(slot));
    double[] batch = GoldenAssertions.elements(backward.result(slot));
    for (int i = 0; i < running.length; i++) {
      running[i] = (1 - momentum) * running[i] + momentum * batch[i];
    }
    double scale = expected.path("abs_max").asDouble();
    GoldenAssertions.samples(name, running, expected, tolerance * scale);
  }
}
