package io.elapid.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.elapid.data.loader.Batch;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.nn.BatchNormalization;
import io.elapid.op.OpRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What ND4J has no custom ops for, against SameDiff's own session. */
@Tag("backend")
final class LegacyOpsTest {
  private static final long[] SHAPE = {2, 3, 4, 5};

  @BeforeAll
  static void ourOps() {
    OpRegistry.register();
    Nd4j.getRandom().setSeed(5);
  }

  static Stream<Named<UnaryOperator<SDVariable>>> functions() {
    return Stream.of(
        function("tanh", x -> x.getSameDiff().math().tanh(x)),
        function("exp", x -> x.getSameDiff().math().exp(x)),
        function("log of square", x -> x.getSameDiff().math().log(x.mul(x))),
        function("sqrt of abs", x -> x.getSameDiff().math().sqrt(x.getSameDiff().math().abs(x))),
        function("gelu", x -> x.getSameDiff().nn().gelu(x)),
        function("relu", x -> x.getSameDiff().nn().relu(x, 0.25)),
        function("two numbers of one input", x -> x.add(1).mul(x.add(2))),
        function("quotients", x -> x.rdiv(3).sub(x.div(7))),
        function("power", x -> x.getSameDiff().math().pow(x, 3)),
        function("mean of positions", x -> x.sub(x.mean(true, 2, 3))),
        function("sums of two axes", x -> x.sum(false, 1).mul(x.sum(false, -3))),
        function("kept or not", x -> x.sum(true, 0).add(x.sum(false, 0))),
        function("norm", x -> x.div(x.norm2(true, 1))),
        function("largest", x -> x.sub(x.max(true, 3))),
        function(
            "mean of one position",
            x -> x.mean(true, 2, 3).add(x.mean(true, 2, 3).mean(true, 2, 3))),
        function("sum of all", x -> x.mul(x.sum())));
  }

  private static Named<UnaryOperator<SDVariable>> function(
      String name, UnaryOperator<SDVariable> body) {
    return Named.of(name, body);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void equalSameDiffsOwnSession(UnaryOperator<SDVariable> body) {
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      SameDiff graph = SameDiff.create();
      SDVariable x = graph.placeHolder("x", type, SHAPE);
      SDVariable y = graph.identity("y", body.apply(x));
      SDVariable loss = y.mul(y).sum().rename("loss");
      Gradients gradients = Gradients.of(graph, loss, List.of("x"));
      Map<String, INDArray> inputs = Map.of("x", Nd4j.rand(type, SHAPE).subi(0.5));
      Map<String, INDArray> results = new HashMap<>();
      results.put(gradients.names().get("x"), Nd4j.create(type, SHAPE));
      ProgramSpec spec = new ProgramSpec(gradients.graph(), inputs, results, Set.of("y", "loss"));
      Map<String, INDArray> expected = graph.calculateGradients(inputs, "x");
      Map<String, INDArray> forward = graph.output(inputs, "y", "loss");
      try (StepProgram program = StepProgram.compile(spec)) {
        for (int repeat = 0; repeat < 2; repeat++) {
          program.run();
          assertThat(program.kept("y")).isEqualTo(forward.get("y"));
          assertThat(program.kept("loss")).isEqualTo(forward.get("loss"));
          assertThat(results.get(gradients.names().get("x"))).isEqualTo(expected.get("x"));
        }
      }
    }
  }

  /** A block that a network of one's own may have. */
  private static final class Gate extends ZeroNetwork {
    @Override
    SDVariable map(Scope scope, SDVariable images) {
      SDVariable normed =
          BatchNormalization.apply(
              scope.child("norm"),
              images,
              3,
              new BatchNormalization.Settings(1e-5, 0.1),
              ActivationKind.IDENTITY);
      SDVariable gate = scope.graph().math().tanh(normed.mean(true, 2, 3).mul(2).add(1));
      return normed.mul(gate);
    }
  }

  @Test
  void aNetworkOfThemLearns() {
    try (Trainer<Batch> trainer = new Trainer<>(new Gate().settings(Frame.square(4, 8)))) {
      List<Double> losses = new ArrayList<>();
      for (int step = 0; step < 40; step++) {
        losses.add(trainer.apply(trainer.computeShard(Batches.noise(1, 4, 8, 2)), 1, 2e-2).loss());
      }
      assertThat(losses.get(39)).isPositive().isLessThan(losses.get(0) / 4);
    }
  }

  @Test
  void whatIsNotRunIsRefusedWithWhatIs() {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, SHAPE);
    SDVariable deviation = x.std("deviation", false, 2);
    assertThatThrownBy(() -> compile(graph, deviation))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of a kind that the engine does not run")
        .hasMessageContaining("sums, means, extremes and norms");
  }

  @Test
  void aSumOfSingleElementsOfAVectorIsRefused() {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, SHAPE);
    SDVariable vector = x.sum(false, 2, 3).sum(true, 1);
    assertThatThrownBy(() -> compile(graph, vector.sum("again", true, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasStackTraceContaining("dimensions [1] of [2, 1] have one element");
  }

  private static void compile(SameDiff graph, SDVariable wanted) {
    Map<String, INDArray> inputs = Map.of("x", Nd4j.zeros(DataType.FLOAT, SHAPE));
    StepProgram.compile(new ProgramSpec(graph, inputs, Map.of(), Set.of(wanted.name()))).close();
  }
}
