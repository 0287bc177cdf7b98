package io.elapid.op;

import static org.assertj.core.api.Assertions.assertThat;

import io.elapid.engine.StockGraphs;
import io.elapid.engine.stock.StockGraph;
import io.elapid.golden.Filler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every op against its composition of stock operations, which SameDiff differentiates by itself:
 * outputs and all gradients, in double.
 */
@Tag("backend")
class StockCompositionTest {
  private static final double TOLERANCE = 1e-10;

  @BeforeAll
  static void register() {
    OpRegistry.register();
  }

  static List<OpCase> cases() {
    Set<String> dense = DenseCases.all().stream().map(OpCase::name).collect(Collectors.toSet());
    return Stream.concat(OpCases.all().stream(), ScanCases.composed().stream())
        // what detectors and segmenters add is compared with values of the official code
        .filter(op -> !dense.contains(op.name()))
        // ND4J's own gradient of a product fails on a single number
        .filter(op -> !op.name().equals("linear [1, 1, 1]"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void opAndCompositionAgree(OpCase op) {
    Map<String, INDArray> values = op.values(DataType.DOUBLE);
    OpCase.Result expected = op.run(values, DataType.DOUBLE, true);
    Composed composed = new Composed(op, values);
    for (int i = 0; i < composed.outputs().size(); i++) {
      assertClose("output " + i, composed.outputs().get(i), expected.outputs().get(i));
    }
    expected
        .gradients()
        .forEach((name, gradient) -> assertClose(name, composed.gradients().get(name), gradient));
  }

  private static void assertClose(String what, INDArray actual, INDArray expected) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    double scale = Math.max(1, expected.amaxNumber().doubleValue());
    assertThat(actual.sub(expected).amaxNumber().doubleValue())
        .as(what)
        .isLessThan(TOLERANCE * scale);
  }

  /** The composition of a case, run by SameDiff. */
  private record Composed(List<INDArray> outputs, Map<String, INDArray> gradients) {
    Composed(OpCase op, Map<String, INDArray> values) {
      this(new ArrayList<>(), new LinkedHashMap<>());
      SameDiff fused = SameDiff.create();
      List<SDVariable> inputs = new ArrayList<>();
      List<String> differentiable = new ArrayList<>();
      for (OpCase.Input input : op.inputs()) {
        inputs.add(fused.placeHolder(input.name(), DataType.DOUBLE, input.shape()));
        if (input.differentiable()) {
          differentiable.add(input.name());
        }
      }
      List<SDVariable> results = op.body().build(fused, inputs);
      Set<String> wanted = new LinkedHashSet<>();
      results.forEach(result -> wanted.add(result.name()));
      StockGraph stock = StockGraphs.of(fused, wanted);
      assertThat(stock.graph().getOps().values())
          .noneMatch(operation -> operation.getOp() instanceof ElapidOp);
      List<SDVariable> composed = wanted.stream().map(stock::variable).toList();
      run(stock.graph(), op, values, composed, differentiable);
    }

    private void run(
        SameDiff graph,
        OpCase op,
        Map<String, INDArray> values,
        List<SDVariable> composed,
        List<String> differentiable) {
      List<String> names = composed.stream().map(SDVariable::name).toList();
      Map<String, INDArray> forward = graph.output(values, names);
      names.forEach(name -> outputs.add(forward.get(name)));
      INDArray y = outputs.get(0);
      float[] dy = new Filler(2).range(op.name() + "/dy", (int) y.length(), -1, 1);
      INDArray weight = Nd4j.createFromArray(dy).castTo(DataType.DOUBLE).reshape('c', y.shape());
      SDVariable loss = composed.get(0).mul(graph.constant("dy", weight)).sum("loss");
      graph.setLossVariables(loss);
      graph.createGradFunction(differentiable.toArray(String[]::new));
      gradients.putAll(graph.calculateGradients(values, differentiable));
    }
  }
}
