package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.graph.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Inference against the official networks: features, scores, every module's output. */
@Tag("backend")
class EvalGoldenTest {
  /** Relative to the largest value; the mixer, a polynomial of degree five, amplifies rounding. */
  private static final double FLOAT_TOLERANCE = 5e-4;

  private static final double DOUBLE_TOLERANCE = 1e-7;

  static List<Arguments> evalCases() {
    return cases("eval");
  }

  static List<Arguments> traceCases() {
    return cases("trace");
  }

  private static List<Arguments> cases(String mode) {
    List<Arguments> cases = new ArrayList<>();
    for (Golden golden : GoldenNetwork.files(mode)) {
      cases.add(Arguments.of(golden, DataType.FLOAT));
      cases.add(Arguments.of(golden, DataType.DOUBLE));
    }
    return cases;
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("evalCases")
  void featuresAndScoresEqualTheOfficialNetworks(Golden golden, DataType type) {
    JsonNode json = golden.json();
    double tolerance = type == DataType.FLOAT ? FLOAT_TOLERANCE : DOUBLE_TOLERANCE;
    try (var forward = forward(golden, type)) {
      for (Map.Entry<String, JsonNode> feature : json.path("features").properties()) {
        INDArray actual = forward.output(module(feature.getKey()));
        double scale = feature.getValue().path("abs_max").asDouble();
        GoldenAssertions.samples(feature.getKey(), actual, feature.getValue(), tolerance * scale);
      }
      assertScores(forward.logits(), json.path("logits"), tolerance);
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("traceCases")
  void everyModuleEqualsTheOfficialOne(Golden golden, DataType type) {
    double tolerance = type == DataType.FLOAT ? FLOAT_TOLERANCE : DOUBLE_TOLERANCE;
    int compared = 0;
    try (var forward = forward(golden, type)) {
      for (Map.Entry<String, JsonNode> module : golden.json().path("modules").properties()) {
        if (forward.has(module.getKey())) {
          double[] actual = GoldenAssertions.elements(forward.output(module.getKey()));
          double scale = Arrays.stream(actual).map(Math::abs).max().orElseThrow();
          GoldenAssertions.samples(module.getKey(), actual, module.getValue(), tolerance * scale);
          assertThat(GoldenAssertions.sum(actual) / actual.length)
              .as(module.getKey())
              .isCloseTo(module.getValue().path("mean").asDouble(), within(tolerance * scale));
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(100);
  }

  private static GoldenNetwork.Forward forward(Golden golden, DataType type) {
    return new GoldenNetwork.Forward(
        GoldenNetwork.backbone(golden),
        GoldenNetwork.input(golden.json()),
        type,
        Mode.EVAL,
        golden.filler());
  }

  private static void assertScores(INDArray logits, JsonNode golden, double tolerance) {
    double[] actual = GoldenAssertions.elements(logits);
    double absolute = tolerance * golden.path("abs_max").asDouble();
    double[] first = Goldens.doubles(golden.path("first16"));
    assertThat(Arrays.copyOf(actual, first.length)).containsExactly(first, within(absolute));
    double[] second = Goldens.doubles(golden.path("row1_first4"));
    int row = GoldenNetwork.CLASSES;
    assertThat(Arrays.copyOfRange(actual, row, row + second.length))
        .containsExactly(second, within(absolute));
    assertThat(GoldenAssertions.absSum(actual))
        .isCloseTo(golden.path("abs_sum").asDouble(), within(absolute * actual.length));
    for (int b = 0; b < golden.path("argmax").size(); b++) {
      assertThat(argmax(actual, b * row)).isEqualTo(golden.path("argmax").get(b).asInt());
    }
  }

  private static int argmax(double[] values, int from) {
    int best = 0;
    for (int c = 1; c < GoldenNetwork.CLASSES; c++) {
      if (values[from + c] > values[from + best]) {
        best = c;
      }
    }
    return best;
  }

  /** Names of tapped features to names of modules. */
  private static String module(String feature) {
    Matcher parts = Pattern.compile("(stage|down|head)(\\d)(_h)?").matcher(feature);
    if (!parts.matches()) {
      return "patch_embed";
    }
    int number = Integer.parseInt(parts.group(2));
    return switch (parts.group(1)) {
      case "head" -> "heads." + number;
      case "down" -> "stages.%d.downsample".formatted(number - 1);
      default -> "stages.%d#%d".formatted(number - 1, parts.group(3) == null ? 1 : 2);
    };
  }
}
