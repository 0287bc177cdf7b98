package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Filler;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.StepRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The selective scan against what the published one computes in double. */
@Tag("backend")
class ScanGoldenTest {
  private static final Filler FILLER = new Filler(5);

  @BeforeAll
  static void register() {
    OpRegistry.register();
  }

  /** One case of a file, printed by its name. */
  record Case(Golden file, JsonNode json) {
    @Override
    public String toString() {
      return file + " " + json.path("id").asText();
    }

    int number(String name) {
      return json.path(name).asInt();
    }

    INDArray input(String name, DataType type) {
      JsonNode spec = json.path("inputs").path(name);
      long[] shape = Goldens.longs(spec.path("shape"));
      int n = (int) ElapidOp.elements(shape);
      double lo = spec.path("lo").asDouble();
      double hi = spec.path("hi").asDouble();
      float[] values = file.filler().range(spec.path("name").asText(), n, lo, hi);
      return Nd4j.createFromArray(values).castTo(type).reshape('c', shape);
    }
  }

  static Stream<Case> cases() {
    return Goldens.discover("scan.json").stream()
        .flatMap(file -> file.cases().stream().map(json -> new Case(file, json)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void doublesAreThoseOfThePublishedScan(Case golden) {
    compare(golden, DataType.DOUBLE, 2e-9);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void floatsAreCloseToThem(Case golden) {
    compare(golden, DataType.FLOAT, 5e-6);
  }

  private static void compare(Case golden, DataType type, double tolerance) {
    int directions = golden.number("K");
    Map<String, INDArray> values = new LinkedHashMap<>();
    values.put("u", golden.input("u", type));
    values.put("delta", stepMajor(golden.input("delta", type), directions));
    values.put("B", golden.input("B", type).permute(0, 1, 3, 2).dup('c'));
    values.put("C", golden.input("C", type).permute(0, 1, 3, 2).dup('c'));
    INDArray a = golden.input("A", type);
    values.put("aLog", Transforms.log(a.neg()));
    Predicate<String> has = golden.json().path("inputs")::has;
    Stream.of("D", "delta_bias").filter(has).forEach(n -> values.put(n, golden.input(n, type)));
    StepRule rule =
        golden.json().path("delta_softplus").asBoolean() ? StepRule.SOFTPLUS : StepRule.IDENTITY;
    SameDiff graph = SameDiff.create();
    Map<String, SDVariable> v = new LinkedHashMap<>();
    values.forEach((name, value) -> v.put(name, graph.var(name, value)));
    SDVariable y = SelectiveScan.apply(graph, terms(v), rule, ScanOrder.SEQUENTIAL);
    SDVariable dy = graph.constant("dy", golden.input("dy", type));
    graph.setLossVariables(y.mul(dy).sum("loss"));
    check("y", golden.json().path("y"), y.eval(), tolerance);
    List<String> names = List.copyOf(values.keySet());
    Map<String, INDArray> gradients = graph.calculateGradients(Map.of(), names);
    JsonNode expected = golden.json().path("grads");
    check("du", expected.path("u"), gradients.get("u"), tolerance);
    INDArray ddelta = gradients.get("delta").permute(0, 1, 3, 2).dup('c');
    check("ddelta", expected.path("delta"), ddelta, tolerance);
    check("dB", expected.path("B"), gradients.get("B").permute(0, 1, 3, 2).dup('c'), tolerance);
    check("dC", expected.path("C"), gradients.get("C").permute(0, 1, 3, 2).dup('c'), tolerance);
    check("dA", expected.path("A"), gradients.get("aLog").div(a), tolerance);
    Stream.of("D", "delta_bias")
        .filter(has)
        .forEach(name -> check(name, expected.path(name), gradients.get(name), tolerance));
  }

  private static SelectiveScan.Terms terms(Map<String, SDVariable> v) {
    return new SelectiveScan.Terms(
        v.get("u"),
        v.get("delta"),
        v.get("B"),
        v.get("C"),
        v.get("aLog"),
        Optional.ofNullable(v.get("D")),
        Optional.ofNullable(v.get("delta_bias")));
  }

  /** (B, K D, L) to (B, K, L, D). */
  private static INDArray stepMajor(INDArray rows, int directions) {
    long channels = rows.size(1) / directions;
    return rows.reshape('c', rows.size(0), directions, channels, rows.size(2))
        .permute(0, 1, 3, 2)
        .dup('c');
  }

  private static void check(String what, JsonNode expected, INDArray actual, double tolerance) {
    double[] computed = actual.castTo(DataType.DOUBLE).reshape(-1).toDoubleVector();
    if (expected.has("data")) {
      double[] values = Goldens.doubles(expected.path("data"));
      double scale = 0;
      for (double value : values) {
        scale = Math.max(scale, Math.abs(value));
      }
      assertThat(computed).as(what).containsExactly(values, within(tolerance * scale + 1e-15));
      return;
    }
    double[] values = Goldens.doubles(expected.path("val"));
    long[] indices = Goldens.longs(expected.path("idx"));
    double mean = expected.path("abs_sum").asDouble() / computed.length;
    double sum = 0;
    double absolute = 0;
    for (double value : computed) {
      sum += value;
      absolute += Math.abs(value);
    }
    for (int i = 0; i < values.length; i++) {
      double allowed = tolerance * Math.max(Math.abs(values[i]), mean) * 4;
      assertThat(computed[(int) indices[i]]).as(what).isCloseTo(values[i], within(allowed));
    }
    double total = expected.path("abs_sum").asDouble();
    assertThat(sum).as(what).isCloseTo(expected.path("sum").asDouble(), within(tolerance * total));
    assertThat(absolute).as(what).isCloseTo(total, within(tolerance * total));
  }

  /** Scanning a map is scanning its sequences, each by itself, and adding where they end up. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SEQUENTIAL")
  void aMapIsScannedAsItsSequencesWouldBe(ScanOrder order) {
    int height = 5;
    int width = 4;
    int channels = 3;
    int states = 2;
    int k = order.directions();
    int steps = order.steps(height, width);
    INDArray u = array("u", 2, channels, height, width);
    List<INDArray> rest =
        List.of(
            array("delta", 2, k, steps, channels),
            array("b", 2, k, steps, states),
            array("c", 2, k, steps, states),
            array("aLog", (long) k * channels, states));
    INDArray sequences = Nd4j.zeros(DataType.DOUBLE, 2, (long) k * channels, steps);
    List<long[]> places = new ArrayList<>();
    for (int s = 0; s < 2; s++) {
      for (int row = 0; row < k * channels; row++) {
        for (int t = 0; t < steps; t++) {
          int p = order.position(row / channels, t, height, width);
          if (p != ScanOrder.PADDING) {
            long[] map = {s, row % channels, p / width, p % width};
            sequences.putScalar(new long[] {s, row, t}, u.getDouble(map));
            places.add(new long[] {s, row, t, p});
          }
        }
      }
    }
    INDArray apart = scan(sequences, rest, ScanOrder.SEQUENTIAL);
    INDArray expected = Nd4j.zeros(DataType.DOUBLE, 2, channels, height, width);
    for (long[] at : places) {
      long[] map = {at[0], at[1] % channels, at[3] / width, at[3] % width};
      double y = apart.getDouble(at[0], at[1], at[2]);
      expected.putScalar(map, expected.getDouble(map) + y);
    }
    double[] values = scan(u, rest, order).reshape(-1).toDoubleVector();
    assertThat(values).containsExactly(expected.reshape(-1).toDoubleVector(), within(1e-12));
  }

  private static INDArray array(String name, long... shape) {
    float[] values = FILLER.input(name, (int) ElapidOp.elements(shape));
    return Nd4j.createFromArray(values).castTo(DataType.DOUBLE).reshape('c', shape);
  }

  private static INDArray scan(INDArray u, List<INDArray> rest, ScanOrder order) {
    SameDiff graph = SameDiff.create();
    List<SDVariable> v = rest.stream().map(graph::constant).toList();
    SelectiveScan.Terms terms =
        new SelectiveScan.Terms(
            graph.constant(u),
            v.get(0),
            v.get(1),
            v.get(2),
            v.get(3),
            Optional.empty(),
            Optional.empty());
    return SelectiveScan.apply(graph, terms, StepRule.SOFTPLUS, order).eval();
  }

  /** What odd sizes are padded with may as well lie in the map. */
  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void paddingIsProjectedLikeZerosInTheMap(DataType type) {
    INDArray odd = array("x", 2, 3, 5, 7).castTo(type);
    INDArray even = Nd4j.zeros(type, 2, 3, 6, 8);
    corner(even).assign(odd);
    List<INDArray> weights =
        List.of(array("xProj", 4, 7, 3).castTo(type), array("dtWeight", 4, 3, 3).castTo(type));
    List<INDArray> expected = projected(even, weights);
    expected.set(3, corner(expected.get(3)).dup('c'));
    List<INDArray> actual = projected(odd, weights);
    for (int i = 0; i < expected.size(); i++) {
      double[] values = expected.get(i).castTo(DataType.DOUBLE).reshape(-1).toDoubleVector();
      assertThat(actual.get(i).castTo(DataType.DOUBLE).reshape(-1).toDoubleVector())
          .as("result %d", i)
          .containsExactly(values, within(type == DataType.DOUBLE ? 1e-12 : 2e-5));
    }
  }

  /** The five first rows and seven first columns. */
  private static INDArray corner(INDArray map) {
    return map.get(
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.interval(0, 5),
        NDArrayIndex.interval(0, 7));
  }

  /** Steps, b, c, and the gradients of the sum of their squares. */
  private static List<INDArray> projected(INDArray x, List<INDArray> weights) {
    SameDiff graph = SameDiff.create();
    SDVariable xProj = graph.var("xProj", weights.get(0));
    SDVariable dtWeight = graph.var("dtWeight", weights.get(1));
    ScanProjection.Outputs out =
        ScanProjection.apply(graph, graph.var("x", x), xProj, dtWeight, ScanOrder.ATROUS, 2);
    List<SDVariable> all = List.of(out.delta(), out.b(), out.c());
    SDVariable loss = all.get(0).mul(all.get(0)).sum();
    loss = loss.add(all.get(1).mul(all.get(1)).sum());
    graph.setLossVariables(loss.add("loss", all.get(2).mul(all.get(2)).sum()));
    List<INDArray> results = new ArrayList<>();
    all.forEach(v -> results.add(v.eval()));
    Map<String, INDArray> gradients = graph.calculateGradients(Map.of(), "x", "xProj", "dtWeight");
    Stream.of("x", "xProj", "dtWeight").forEach(name -> results.add(gradients.get(name)));
    return results;
  }
}
