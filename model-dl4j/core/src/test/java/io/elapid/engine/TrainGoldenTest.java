package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Goldens.Golden;
import io.elapid.graph.Mode;
import io.elapid.graph.Slot;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Gradients against the official networks. In double: in float a ReLU whose input is within
 * rounding of zero may switch sides and move whole tensors.
 */
@Tag("backend")
class TrainGoldenTest {
  /** Relative to the root mean square of the tensor. */
  private static final double TOLERANCE = 1e-6;

  /** The files give the norms of all gradients with six digits. */
  private static final double NORM_PERCENTAGE = 1e-3;

  static List<Golden> files() {
    return GoldenNetwork.files("train");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("files")
  void gradientsWithFrozenStatisticsEqualTheOfficialNetworks(Golden golden) {
    JsonNode json = golden.json().path("frozen_bn");
    try (var backward = backward(golden, json, Mode.EVAL)) {
      assertLossAndGradients(backward, json);
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("files")
  void gradientsWithBatchStatisticsEqualTheOfficialNetworks(Golden golden) {
    JsonNode json = golden.json().path("train_bn");
    try (var backward = backward(golden, json, Mode.TRAIN)) {
      assertLossAndGradients(backward, json);
      for (Map.Entry<String, JsonNode> norm : json.path("bn_after").properties()) {
        assertStatistic(backward, norm.getKey() + ".running_mean", norm.getValue());
        assertStatistic(backward, norm.getKey() + ".running_var", norm.getValue());
      }
    }
  }

  private static GoldenNetwork.Backward backward(Golden golden, JsonNode json, Mode mode) {
    return new GoldenNetwork.Backward(
        GoldenNetwork.backbone(golden), json, DataType.DOUBLE, mode, golden.filler());
  }

  private static void assertLossAndGradients(GoldenNetwork.Backward backward, JsonNode json) {
    double loss = json.path("loss").asDouble();
    assertThat(backward.loss()).isCloseTo(loss, within(1e-9 * loss));
    double[] scores = GoldenAssertions.elements(backward.scores(json.path("batch").asInt()));
    double absSum = json.path("logits_abs_sum").get(0).asDouble();
    assertThat(GoldenAssertions.absSum(scores)).isCloseTo(absSum, within(1e-8 * absSum));
    for (Map.Entry<String, JsonNode> entry : json.path("grads").properties()) {
      assertGradient(backward, entry.getKey(), entry.getValue());
    }
    assertNorms(backward, json.path("grad_l2"));
  }

  private static void assertGradient(
      GoldenNetwork.Backward backward, String name, JsonNode golden) {
    var actual = backward.result(backward.slot(name));
    double rms = GoldenAssertions.rms(GoldenAssertions.elements(actual));
    if (golden.path("analytic_zero").asBoolean()) {
      assertThat(rms).as(name).isLessThan(1e-12);
    } else {
      GoldenAssertions.samples(name, actual, golden, TOLERANCE * rms);
    }
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
      GoldenNetwork.Backward backward, String name, JsonNode golden) {
    Slot slot = backward.slot(name);
    JsonNode expected = golden.path(name.substring(name.lastIndexOf('.') + 1));
    double momentum = golden.path("momentum").asDouble();
    double[] running = GoldenAssertions.elements(backward.weight(slot));
    double[] batch = GoldenAssertions.elements(backward.result(slot));
    for (int i = 0; i < running.length; i++) {
      running[i] = (1 - momentum) * running[i] + momentum * batch[i];
    }
    GoldenAssertions.samples(name, running, expected, 1e-8 * expected.path("abs_max").asDouble());
  }
}
