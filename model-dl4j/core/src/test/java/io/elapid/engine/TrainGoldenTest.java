package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Goldens.Golden;
import io.elapid.graph.Mode;
import io.elapid.graph.Slot;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gradients against the official networks. */
@Tag("backend")
class TrainGoldenTest {
  /** Relative to the root mean square of the tensor. */
  private static final double DOUBLE_TOLERANCE = 1e-6;

  /** Of the norm of the error, relative to the gradient's. */
  private static final double FLOAT_TOLERANCE = 1e-3;

  /** Where a ReLU's input was so near to zero that float32 took its other side. */
  private static final double SWITCHED_TOLERANCE = 3e-2;

  /** Times a float32 run's error in the official network. */
  private static final double FLOAT_MARGIN = 10;

  /** The files give the norms of all gradients with six digits. */
  private static final double NORM_PERCENTAGE = 1e-3;

  static List<Golden> files() {
    return GoldenNetwork.files("train");
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("files")
  void gradientsWithFrozenStatisticsEqualTheOfficialNetworks(Golden golden) {
    check(golden, golden.json().path("frozen_bn"), Mode.EVAL);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("files")
  void gradientsWithBatchStatisticsEqualTheOfficialNetworks(Golden golden) {
    check(golden, golden.json().path("train_bn"), Mode.TRAIN);
  }

  /** In double against the file; in float against what double gave, all elements together. */
  private static void check(Golden golden, JsonNode json, Mode mode) {
    GoldenFamily family = GoldenFamily.of(golden.json());
    Map<String, double[]> exact = new HashMap<>();
    BitSet open;
    try (var backward = backward(golden, json, DataType.DOUBLE, mode)) {
      assertLossAndScores(backward, json, 1e-9, 1e-8);
      assertStatistics(backward, json.path("bn_after"), 1e-8);
      for (Map.Entry<String, JsonNode> entry : json.path("grads").properties()) {
        String name = entry.getKey();
        exact.put(name, assertGradient(backward, name, entry.getValue(), family.ratio(name)));
      }
      assertNorms(backward, json.path("grad_l2"));
      open = backward.open();
    }
    try (var backward = backward(golden, json, DataType.FLOAT, mode)) {
      double tolerance = family.tolerance(DataType.FLOAT);
      assertLossAndScores(backward, json, tolerance, tolerance);
      assertStatistics(backward, json.path("bn_after"), tolerance);
      double ofGradients = backward.open().equals(open) ? FLOAT_TOLERANCE : SWITCHED_TOLERANCE;
      exact.forEach(
          (name, expected) ->
              assertFloats(backward, name, expected, json.path("grads").path(name), ofGradients));
    }
  }

  private static GoldenNetwork.Backward backward(
      Golden golden, JsonNode json, DataType type, Mode mode) {
    return new GoldenNetwork.Backward(
        GoldenNetwork.backbone(golden), json, type, mode, golden.filler());
  }

  private static void assertLossAndScores(
      GoldenNetwork.Backward backward, JsonNode json, double ofLoss, double ofScores) {
    double loss = json.path("loss").asDouble();
    assertThat(backward.loss()).isCloseTo(loss, within(ofLoss * loss));
    JsonNode absSums = json.path("logits_abs_sum");
    List<INDArray> heads = backward.heads();
    assertThat(heads).hasSize(absSums.size());
    for (int i = 0; i < heads.size(); i++) {
      double expected = absSums.get(i).asDouble();
      assertThat(GoldenAssertions.absSum(GoldenAssertions.elements(heads.get(i))))
          .isCloseTo(expected, within(ofScores * expected));
    }
  }

  private static double[] assertGradient(
      GoldenNetwork.Backward backward, String name, JsonNode golden, double ratio) {
    INDArray gradient = backward.result(backward.slot(name));
    double[] actual = GoldenAssertions.elements(gradient);
    double rms = GoldenAssertions.rms(actual);
    if (golden.path("analytic_zero").asBoolean()) {
      assertThat(rms).as(name).isLessThan(1e-12);
    } else {
      INDArray theirs = gradient.mul(ratio);
      GoldenAssertions.samples(name, theirs, golden, DOUBLE_TOLERANCE * rms);
      GoldenAssertions.sums(
          name, GoldenAssertions.elements(theirs), golden, DOUBLE_TOLERANCE * rms);
    }
    return actual;
  }

  private static void assertFloats(
      GoldenNetwork.Backward backward,
      String name,
      double[] exact,
      JsonNode golden,
      double tolerance) {
    double[] actual = GoldenAssertions.elements(backward.result(backward.slot(name)));
    if (golden.path("analytic_zero").asBoolean()) {
      assertThat(GoldenAssertions.rms(actual)).as(name).isLessThan(1e-5);
      return;
    }
    double[] error = new double[exact.length];
    Arrays.setAll(error, i -> actual[i] - exact[i]);
    double relative = GoldenAssertions.rms(error) / GoldenAssertions.rms(exact);
    double official = golden.path("f32_relerr").asDouble();
    assertThat(relative).as(name).isLessThan(Math.max(tolerance, FLOAT_MARGIN * official));
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

  private static void assertStatistics(
      GoldenNetwork.Backward backward, JsonNode norms, double tolerance) {
    for (Map.Entry<String, JsonNode> norm : norms.properties()) {
      assertStatistic(backward, norm.getKey() + ".running_mean", norm.getValue(), tolerance);
      assertStatistic(backward, norm.getKey() + ".running_var", norm.getValue(), tolerance);
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
    GoldenAssertions.means(name, running, expected, tolerance * scale);
  }
}
