package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Filler;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.kernel.ActivationKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Single ops against what the published implementations compute in double. */
@Tag("backend")
class OpGoldenTest {
  @BeforeAll
  static void register() {
    OpRegistry.register();
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void activations(DataType type) {
    for (Golden golden : Goldens.discover("primitives.json")) {
      JsonNode json = golden.json();
      double[] points = Goldens.doubles(json.path("points"));
      check(type, json.path("gelu_erf"), activation(type, points, ActivationKind.GELU));
      check(type, json.path("silu"), activation(type, points, ActivationKind.SILU));
      check(type, json.path("sigmoid"), activation(type, points, ActivationKind.SIGMOID));
    }
  }

  private static INDArray activation(DataType type, double[] points, ActivationKind kind) {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.constant(Nd4j.createFromArray(points).castTo(type));
    return Activation.apply(graph, x, kind).eval();
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void batchNormInTraining(DataType type) {
    for (Golden golden : Goldens.discover("primitives.json")) {
      JsonNode expected = golden.json().path("batchnorm_train");
      Filler filler = golden.filler();
      Graph g = new Graph(type);
      SDVariable x = g.input("x", filler.input("ops/prim/bn_x", 24), 2, 3, 2, 2);
      SDVariable weight = g.parameter(filler, "ops.prim_bn.", "weight", 3);
      SDVariable bias = g.parameter(filler, "ops.prim_bn.", "bias", 3);
      BatchNorm.Outputs out = BatchNorm.apply(g.graph, x, weight, bias, ActivationKind.IDENTITY);
      g.backward(out.y(), filler.input("ops/prim/bn_dy", 24));
      check(type, expected.path("y").path("data"), g.value(out.y()));
      check(type, expected.path("dx").path("data"), g.gradient("x"));
      check(type, expected.path("dweight").path("data"), g.gradient("weight"));
      check(type, expected.path("dbias").path("data"), g.gradient("bias"));
      check(
          type,
          expected.path("running_mean_after").path("data"),
          running(type, filler, "running_mean", g.value(out.mean())));
      check(
          type,
          expected.path("running_var_after").path("data"),
          running(type, filler, "running_var", g.value(out.variance())));
    }
  }

  private static INDArray running(DataType type, Filler filler, String name, INDArray batch) {
    float[] before = filler.parameter("ops.prim_bn." + name, 3).orElseThrow();
    return Nd4j.createFromArray(before).castTo(type).mul(0.9).add(batch.mul(0.1));
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void layerNormOfTheLastDimension(DataType type) {
    for (Golden golden : Goldens.discover("primitives.json")) {
      JsonNode expected = golden.json().path("layernorm");
      Filler filler = golden.filler();
      Graph g = new Graph(type);
      SDVariable x = g.input("x", filler.input("ops/prim/ln_x", 36), 6, 6);
      SDVariable weight = g.parameter(filler, "ops.prim_ln.", "weight", 6);
      SDVariable bias = g.parameter(filler, "ops.prim_ln.", "bias", 6);
      SDVariable y = LayerNorm2d.apply(g.graph, x, weight, bias);
      g.backward(y, filler.input("ops/prim/ln_dy", 36));
      check(type, expected.path("y").path("data"), g.value(y));
      check(type, expected.path("dx").path("data"), g.gradient("x"));
      check(type, expected.path("dweight").path("data"), g.gradient("weight"));
      check(type, expected.path("dbias").path("data"), g.gradient("bias"));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void layerNormsOfEfficientViM(DataType type) {
    int checked = 0;
    for (Golden golden : Goldens.discover("modules_efficientvim.json")) {
      for (JsonNode each : golden.cases()) {
        if (each.path("id").asText().matches("evim_LN[12]D")) {
          layerNorm(type, golden.filler(), each);
          checked++;
        }
      }
    }
    assertThat(checked).isGreaterThanOrEqualTo(2);
  }

  private static void layerNorm(DataType type, Filler filler, JsonNode golden) {
    Graph g = new Graph(type);
    long[] shape = Goldens.longs(golden.path("x").path("shape"));
    SDVariable x =
        g.input("x", filler.input(golden.path("x").path("name").asText(), size(shape)), shape);
    String prefix = golden.path("param_prefix").asText();
    SDVariable weight =
        g.parameter(filler, prefix, "weight", Goldens.longs(golden.path("params").get(0).get(1)));
    SDVariable bias =
        g.parameter(filler, prefix, "bias", Goldens.longs(golden.path("params").get(1).get(1)));
    SDVariable y = LayerNorm2d.apply(g.graph, x, weight, bias);
    g.backward(y, filler.input(golden.path("dy").get(0).path("name").asText(), size(shape)));
    check(type, golden.path("y").get(0).path("data"), g.value(y));
    check(type, golden.path("dx").path("data"), g.gradient("x"));
    for (String name : List.of("weight", "bias")) {
      JsonNode expected = golden.path("grads").path(name);
      INDArray flat = g.gradient(name).reshape(-1);
      check(
          type,
          expected.path("val"),
          flat.get(NDArrayIndex.indices(Goldens.longs(expected.path("idx")))));
      check(type, expected.path("sum"), flat.sum());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void crossEntropies(DataType type) {
    for (Golden golden : Goldens.discover("primitives.json")) {
      JsonNode losses = golden.json().path("losses");
      Filler filler = golden.filler();
      INDArray logits = array(type, filler.range("ops/prim/logits", 21, -2, 2), 3, 7);
      long[] classes = Goldens.longs(losses.path("targets"));
      INDArray hard = Nd4j.zeros(type, 3, 7);
      for (int i = 0; i < 3; i++) {
        hard.putScalar(i, classes[i], 1);
      }
      INDArray soft =
          Nd4j.nn.softmax(array(type, filler.range("ops/prim/soft", 21, -1, 1), 3, 7), 1);
      check(type, losses.path("cross_entropy"), crossEntropy(logits, hard));
      check(
          type,
          losses.path("label_smoothing_0_1"),
          crossEntropy(logits, hard.mul(0.9).add(0.1 / 7)));
      check(type, losses.path("soft_target_ce"), crossEntropy(logits, soft));
    }
  }

  private static INDArray crossEntropy(INDArray logits, INDArray targets) {
    SameDiff graph = SameDiff.create();
    return SoftmaxCrossEntropy.apply(graph, graph.constant(logits), graph.constant(targets)).eval();
  }

  private static int size(long[] shape) {
    return (int) ElapidOp.elements(shape);
  }

  private static INDArray array(DataType type, float[] values, long... shape) {
    return Nd4j.createFromArray(values).castTo(type).reshape('c', shape);
  }

  /** Files hold ten digits of double arithmetic. */
  private static void check(DataType type, JsonNode expected, INDArray actual) {
    double[] values =
        expected.isArray() ? Goldens.doubles(expected) : new double[] {expected.asDouble()};
    double[] computed = actual.castTo(DataType.DOUBLE).reshape(-1).toDoubleVector();
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    double tolerance = (type == DataType.DOUBLE ? 1e-9 : 2e-6) * largest;
    assertThat(computed).hasSameSizeAs(values);
    assertThat(values).isNotEmpty();
    for (int i = 0; i < values.length; i++) {
      assertThat(computed[i]).isCloseTo(values[i], org.assertj.core.data.Offset.offset(tolerance));
    }
  }

  /** A graph with variables, run for outputs and the gradients of {@code sum(y dy)}. */
  private static final class Graph {
    private final SameDiff graph = SameDiff.create();
    private final DataType type;
    private final List<String> variables = new ArrayList<>();
    private Map<String, INDArray> gradients = Map.of();

    Graph(DataType type) {
      this.type = type;
    }

    SDVariable input(String name, float[] values, long... shape) {
      variables.add(name);
      return graph.var(name, array(type, values, shape));
    }

    SDVariable parameter(Filler filler, String prefix, String name, long... shape) {
      return input(name, filler.parameter(prefix + name, shape).orElseThrow(), shape);
    }

    void backward(SDVariable y, float[] dy) {
      SDVariable weights = graph.constant("dy", array(type, dy, y.eval().shape()));
      graph.setLossVariables(y.mul(weights).sum("loss"));
      graph.createGradFunction(variables.toArray(String[]::new));
      gradients = graph.calculateGradients(Map.of(), variables);
    }

    INDArray value(SDVariable variable) {
      return variable.eval();
    }

    INDArray gradient(String name) {
      return gradients.get(name);
    }
  }
}
