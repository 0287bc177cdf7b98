package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.golden.Filler;
import io.elapid.golden.Goldens;
import io.elapid.golden.Goldens.Golden;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.StepRule;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

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
      GoldenGraph.check(type, json.path("gelu_erf"), activation(type, points, ActivationKind.GELU));
      GoldenGraph.check(type, json.path("silu"), activation(type, points, ActivationKind.SILU));
      GoldenGraph.check(
          type, json.path("sigmoid"), activation(type, points, ActivationKind.SIGMOID));
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
      GoldenGraph g = new GoldenGraph(type);
      SDVariable x = g.input("x", filler.input("ops/prim/bn_x", 24), 2, 3, 2, 2);
      SDVariable weight = g.parameter(filler, "ops.prim_bn.", "weight", 3);
      SDVariable bias = g.parameter(filler, "ops.prim_bn.", "bias", 3);
      BatchNorm.Outputs out = BatchNorm.apply(g.graph(), x, weight, bias, ActivationKind.IDENTITY);
      g.backward(out.y(), filler.input("ops/prim/bn_dy", 24));
      GoldenGraph.check(type, expected.path("y").path("data"), g.value(out.y()));
      GoldenGraph.check(type, expected.path("dx").path("data"), g.gradient("x"));
      GoldenGraph.check(type, expected.path("dweight").path("data"), g.gradient("weight"));
      GoldenGraph.check(type, expected.path("dbias").path("data"), g.gradient("bias"));
      GoldenGraph.check(
          type,
          expected.path("running_mean_after").path("data"),
          running(type, filler, "running_mean", g.value(out.mean())));
      GoldenGraph.check(
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
      GoldenGraph g = new GoldenGraph(type);
      SDVariable x = g.input("x", filler.input("ops/prim/ln_x", 36), 6, 6);
      SDVariable weight = g.parameter(filler, "ops.prim_ln.", "weight", 6);
      SDVariable bias = g.parameter(filler, "ops.prim_ln.", "bias", 6);
      SDVariable y = LayerNorm2d.apply(g.graph(), x, weight, bias);
      g.backward(y, filler.input("ops/prim/ln_dy", 36));
      GoldenGraph.check(type, expected.path("y").path("data"), g.value(y));
      GoldenGraph.check(type, expected.path("dx").path("data"), g.gradient("x"));
      GoldenGraph.check(type, expected.path("dweight").path("data"), g.gradient("weight"));
      GoldenGraph.check(type, expected.path("dbias").path("data"), g.gradient("bias"));
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
    GoldenGraph g = new GoldenGraph(type);
    SDVariable x = g.input("x", filler, golden.path("x"));
    String prefix = golden.path("param_prefix").asText();
    SDVariable weight =
        g.parameter(filler, prefix, "weight", Goldens.longs(golden.path("params").get(0).get(1)));
    SDVariable bias =
        g.parameter(filler, prefix, "bias", Goldens.longs(golden.path("params").get(1).get(1)));
    g.checkModule(golden, filler, LayerNorm2d.apply(g.graph(), x, weight, bias));
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void crossEntropies(DataType type) {
    for (Golden golden : Goldens.discover("primitives.json")) {
      JsonNode losses = golden.json().path("losses");
      Filler filler = golden.filler();
      INDArray logits = GoldenGraph.array(type, filler.range("ops/prim/logits", 21, -2, 2), 3, 7);
      long[] classes = Goldens.longs(losses.path("targets"));
      INDArray hard = Nd4j.zeros(type, 3, 7);
      for (int i = 0; i < 3; i++) {
        hard.putScalar(i, classes[i], 1);
      }
      INDArray soft =
          Nd4j.nn.softmax(
              GoldenGraph.array(type, filler.range("ops/prim/soft", 21, -1, 1), 3, 7), 1);
      GoldenGraph.check(type, losses.path("cross_entropy"), crossEntropy(logits, hard));
      GoldenGraph.check(
          type,
          losses.path("label_smoothing_0_1"),
          crossEntropy(logits, hard.mul(0.9).add(0.1 / 7)));
      GoldenGraph.check(type, losses.path("soft_target_ce"), crossEntropy(logits, soft));
    }
  }

  private static INDArray crossEntropy(INDArray logits, INDArray targets) {
    SameDiff graph = SameDiff.create();
    return SoftmaxCrossEntropy.apply(graph, graph.constant(logits), graph.constant(targets)).eval();
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void softDistillation(DataType type) {
    for (Golden golden : Goldens.discover("primitives.json")) {
      JsonNode losses = golden.json().path("losses");
      Filler filler = golden.filler();
      INDArray logits = GoldenGraph.array(type, filler.range("ops/prim/logits", 21, -2, 2), 3, 7);
      INDArray teacher = GoldenGraph.array(type, filler.range("ops/prim/soft", 21, -1, 1), 3, 7);
      GoldenGraph.check(
          type,
          losses.path("kd_soft_tau1_batchmean"),
          distillation(logits, teacher, SoftDistillation.Average.SAMPLES));
      GoldenGraph.check(
          type,
          losses.path("kd_soft_tau1_numel"),
          distillation(logits, teacher, SoftDistillation.Average.ELEMENTS));
    }
  }

  private static INDArray distillation(
      INDArray logits, INDArray teacher, SoftDistillation.Average average) {
    SameDiff graph = SameDiff.create();
    return SoftDistillation.apply(
            graph, graph.constant(logits), graph.constant(teacher), 1, average)
        .eval();
  }

  /**
   * A scan of one step over ones is its step size, {@code dt = softplus(delta)}, whose derivative
   * is the sigmoid.
   */
  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE"})
  void softplusOfAScansSteps(DataType type) {
    for (Golden golden : Goldens.discover("primitives.json")) {
      JsonNode json = golden.json();
      double[] points = Goldens.doubles(json.path("points"));
      int n = points.length;
      SameDiff graph = SameDiff.create();
      SDVariable delta =
          graph.var("delta", Nd4j.createFromArray(points).castTo(type).reshape(1, 1, 1, n));
      SelectiveScan.Terms terms =
          new SelectiveScan.Terms(
              graph.constant(Nd4j.ones(type, 1, n, 1)),
              delta,
              graph.constant(Nd4j.ones(type, 1, 1, 1, 1)),
              graph.constant(Nd4j.ones(type, 1, 1, 1, 1)),
              graph.constant(Nd4j.ones(type, n, 1)),
              Optional.empty(),
              Optional.empty());
      SDVariable y = SelectiveScan.apply(graph, terms, StepRule.SOFTPLUS, ScanOrder.SEQUENTIAL);
      INDArray steps = y.eval();
      graph.setLossVariables(y.sum("loss"));
      INDArray slopes = graph.calculateGradients(Map.of(), "delta").get("delta");
      checkEach(type, json.path("softplus_threshold20"), steps);
      checkEach(type, json.path("sigmoid"), slopes);
    }
  }

  /** Each value to a few units in its own last place, or of the smallest normal float. */
  private static void checkEach(DataType type, JsonNode expected, INDArray actual) {
    double[] values = Goldens.doubles(expected);
    double[] computed = actual.castTo(DataType.DOUBLE).dup('c').reshape(-1).toDoubleVector();
    assertThat(computed).hasSameSizeAs(values);
    double relative = type == DataType.DOUBLE ? 1e-9 : 4e-7;
    double least = type == DataType.DOUBLE ? 0 : Float.MIN_NORMAL;
    for (int i = 0; i < values.length; i++) {
      assertThat(computed[i])
          .isCloseTo(values[i], Offset.offset(Math.max(least, relative * Math.abs(values[i]))));
    }
  }
}
