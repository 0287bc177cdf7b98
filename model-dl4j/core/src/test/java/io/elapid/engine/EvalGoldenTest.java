package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.graph.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Inference against the official networks: features, scores, every module's output. */
@Tag("backend")
class EvalGoldenTest {
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
    GoldenFamily family = GoldenFamily.of(json);
    double tolerance = family.tolerance(type);
    Map<String, String> modules = new LinkedHashMap<>();
    json.path("features").fieldNames().forEachRemaining(f -> modules.put(f, family.module(f)));
    try (var forward = forward(golden, type, Set.copyOf(modules.values()))) {
      assertThat(forward.table().countedLength()).isEqualTo(json.path("params").asLong());
      assertThat(forward.table().parameterLength())
          .isEqualTo(json.path("params_trainable").asLong());
      modules.forEach(
          (feature, module) ->
              assertFeature(
                  feature, forward.output(module), json.path("features").path(feature), tolerance));
      assertScores(forward.logits(), json.path("logits"), tolerance);
    }
  }

  private static void assertFeature(
      String feature, INDArray output, JsonNode golden, double tolerance) {
    long[] shape = Goldens.longs(golden.path("shape"));
    double[] actual = GoldenAssertions.elements(feature, output, shape);
    double scale = golden.path("abs_max").asDouble();
    assertThat(GoldenAssertions.absMax(actual))
        .as(feature)
        .isCloseTo(scale, within(tolerance * scale));
    GoldenAssertions.samples(feature, actual, golden, tolerance * scale);
    GoldenAssertions.means(feature, actual, golden, tolerance * scale);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("traceCases")
  void everyModuleEqualsTheOfficialOne(Golden golden, DataType type) {
    JsonNode modules = golden.json().path("modules");
    GoldenFamily family = GoldenFamily.of(golden.json());
    Set<String> names = new LinkedHashSet<>();
    modules.fieldNames().forEachRemaining(names::add);
    names.removeIf(module -> !family.exists(module));
    assertThat(names).hasSizeGreaterThan(modules.size() / 2);
    try (var forward = forward(golden, type, names)) {
      for (String name : names) {
        assertModule(name, forward.output(name), modules.path(name), family.tolerance(type));
      }
    }
  }

  private static void assertModule(
      String name, INDArray output, JsonNode golden, double tolerance) {
    long[] shape = Goldens.longs(golden.path("shape"));
    double[] actual = GoldenAssertions.elements(name, output, shape);
    double absolute = tolerance * GoldenAssertions.absMax(actual);
    GoldenAssertions.samples(name, actual, golden, absolute);
    GoldenAssertions.means(name, actual, golden, absolute);
  }

  private static GoldenNetwork.Forward forward(Golden golden, DataType type, Set<String> modules) {
    return new GoldenNetwork.Forward(
        GoldenNetwork.backbone(golden),
        GoldenNetwork.input(golden.json()),
        type,
        Mode.EVAL,
        golden.filler(),
        modules);
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
    assertThat(GoldenAssertions.sum(actual))
        .isCloseTo(golden.path("sum").asDouble(), within(absolute * actual.length));
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
}
