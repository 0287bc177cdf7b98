package io.elapid.model.efficientvim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Filler;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.graph.Weights;
import io.elapid.nn.FeatureMap;
import io.elapid.nn.LayerNorm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Single blocks, in double, against the official ones and against finite differences. */
@Tag("backend")
class BlocksTest {
  private static final double TOLERANCE = 1e-7;

  static List<Arguments> goldenCases() {
    List<Arguments> cases = new ArrayList<>();
    for (Golden golden : Goldens.discover("modules_efficientvim.json")) {
      golden.cases().forEach(c -> cases.add(Arguments.of(c.path("id").asText(), c, golden)));
    }
    return cases;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("goldenCases")
  void blocksAndTheirGradientsEqualTheOfficialOnes(String id, JsonNode json, Golden golden) {
    Filler filler = golden.filler();
    try (BlockProgram program = program(json, filler)) {
      program.run();
      for (int i = 0; i < json.path("y").size(); i++) {
        assertClose("output " + i, program.output(i), json.path("y").get(i));
      }
      assertClose("x", program.gradient("x"), json.path("dx"));
      String prefix = json.path("param_prefix").asText();
      for (Map.Entry<String, JsonNode> gradient : json.path("grads").properties()) {
        assertClose(
            gradient.getKey(), program.gradient(prefix + gradient.getKey()), gradient.getValue());
      }
    }
  }

  private static BlockProgram program(JsonNode json, Filler filler) {
    List<double[]> directions = new ArrayList<>();
    json.path("dy").forEach(node -> directions.add(values(filler, node)));
    double[] all = directions.stream().flatMapToDouble(Arrays::stream).toArray();
    long[] shape = Goldens.longs(json.path("x").path("shape"));
    INDArray x = Nd4j.createFromArray(values(filler, json.path("x"))).reshape('c', shape);
    String prefix = json.path("param_prefix").asText();
    return new BlockProgram(
        prefix.substring(0, prefix.length() - 1),
        Mode.EVAL,
        x,
        all,
        filled(filler),
        block(json, shape));
  }

  private static BiFunction<Scope, SDVariable, List<SDVariable>> block(
      JsonNode json, long[] shape) {
    long[] output = Goldens.longs(json.path("dy").get(0).path("shape"));
    return switch (json.path("id").asText()) {
      case "evim_HSMSSD" ->
          (scope, x) ->
              both(
                  EfficientViMBlocks.mixer(
                      scope,
                      new FeatureMap(x, shape[0], shape[1], output[2], output[3]),
                      states(json)));
      case "evim_Block" ->
          (scope, x) -> both(EfficientViMBlocks.block(scope, map(x, shape), states(json)));
      case "evim_LN1D" -> (scope, x) -> List.of(LayerNorm.ofSequence(scope, x, shape[1]));
      case "evim_LN2D" -> (scope, x) -> List.of(LayerNorm.ofMap(scope, x, shape[1]));
      case "evim_PatchMerging" ->
          (scope, x) ->
              List.of(EfficientViMBlocks.downsample(scope, map(x, shape), (int) output[1]).value());
      case "evim_Stem" ->
          (scope, x) ->
              List.of(EfficientViMBlocks.stem(scope, map(x, shape), (int) output[1]).value());
      default -> throw new IllegalArgumentException("no block for " + json.path("id"));
    };
  }

  private static int states(JsonNode json) {
    return json.path("dy").get(1).path("shape").get(2).asInt();
  }

  private static FeatureMap map(SDVariable x, long[] shape) {
    return new FeatureMap(x, shape[0], shape[1], shape[2], shape[3]);
  }

  private static List<SDVariable> both(EfficientViMBlocks.Mixed mixed) {
    return List.of(mixed.map().value(), mixed.hidden());
  }

  private static double[] values(Filler filler, JsonNode node) {
    int length = (int) Arrays.stream(Goldens.longs(node.path("shape"))).reduce(1, (a, b) -> a * b);
    return widened(
        filler.range(
            node.path("name").asText(),
            length,
            node.path("lo").asDouble(),
            node.path("hi").asDouble()));
  }

  private static Weights filled(Filler filler) {
    return (name, shape) -> widened(filler.parameter(name, shape).orElseThrow());
  }

  private static double[] widened(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return wide;
  }

  private static void assertClose(String what, INDArray actual, JsonNode golden) {
    double[] values = actual.dup('c').data().asDouble();
    double scale = Arrays.stream(values).map(Math::abs).max().orElseThrow();
    double tolerance = Math.max(TOLERANCE * scale, 1e-10);
    assertThat(actual.shape()).as(what).isEqualTo(Goldens.longs(golden.path("shape")));
    if (golden.has("data")) {
      assertThat(values)
          .as(what)
          .containsExactly(Goldens.doubles(golden.path("data")), within(tolerance));
      return;
    }
    long[] indices = Goldens.longs(golden.path("idx"));
    for (int i = 0; i < indices.length; i++) {
      assertThat(values[(int) indices[i]])
          .as("%s[%d]", what, indices[i])
          .isCloseTo(golden.path("val").get(i).asDouble(), within(tolerance));
    }
  }

  @Test
  void gradientsOfATrainingBlockAreThoseOfFiniteDifferences() {
    Filler filler = new Filler(11);
    long[] shape = {2, 8, 3, 5};
    int outputs = 2 * 8 * 15 + 2 * 8 * 4;
    INDArray x = Nd4j.createFromArray(widened(filler.input("x", 240))).reshape('c', shape);
    double[] directions = widened(filler.input("directions", outputs));
    try (BlockProgram program =
        new BlockProgram(
            "block",
            Mode.TRAIN,
            x,
            directions,
            filled(filler),
            (scope, input) -> both(EfficientViMBlocks.block(scope, map(input, shape), 4)))) {
      program.run();
      List<String> names = new ArrayList<>(program.parameters());
      names.add("x");
      for (String name : names) {
        double[] gradient = program.gradient(name).dup('c').data().asDouble();
        int stride = Math.max(1, gradient.length / 7);
        for (int i = 0; i < gradient.length; i += stride) {
          assertThat(difference(program, name, i))
              .as("%s[%d]", name, i)
              .isCloseTo(gradient[i], within(1e-5 + 1e-5 * Math.abs(gradient[i])));
        }
      }
    }
  }

  private static double difference(BlockProgram program, String name, int index) {
    double step = 1e-5;
    INDArray flat = program.input(name).reshape('c', new long[] {program.input(name).length()});
    double value = flat.getDouble(index);
    flat.putScalar(index, value + step);
    double above = program.run();
    flat.putScalar(index, value - step);
    double below = program.run();
    flat.putScalar(index, value);
    return (above - below) / (2 * step);
  }
}
