package io.elapid.op;

import io.elapid.golden.Filler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One op on inputs of certain shapes, built anew for each type.
 *
 * @param moves whether the op only moves values, so that an output may miss some of the inputs
 */
record OpCase(String name, boolean moves, List<Input> inputs, Body body) {
  /** An input filled with {@code lo + (hi - lo) u}; constants get no gradient. */
  record Input(String name, double lo, double hi, boolean differentiable, long... shape) {}

  @FunctionalInterface
  interface Body {
    /** Adds the op; one or several outputs, of which the first propagates gradients. */
    List<SDVariable> build(SameDiff graph, List<SDVariable> inputs);
  }

  OpCase(String name, List<Input> inputs, Body body) {
    this(name, false, inputs, body);
  }

  static OpCase of(String name, Body body, Input... inputs) {
    return new OpCase(name, List.of(inputs), body);
  }

  static OpCase moving(String name, Body body, Input... inputs) {
    return new OpCase(name, true, List.of(inputs), body);
  }

  static Input in(String name, long... shape) {
    return new Input(name, -1, 1, true, shape);
  }

  static Input between(String name, double lo, double hi, long... shape) {
    return new Input(name, lo, hi, true, shape);
  }

  static Input constant(String name, double lo, double hi, long... shape) {
    return new Input(name, lo, hi, false, shape);
  }

  /** The inputs' values, the same for both types but for rounding. */
  Map<String, INDArray> values(DataType type) {
    Map<String, INDArray> values = new LinkedHashMap<>();
    for (Input input : inputs) {
      int n = (int) ElapidOp.elements(input.shape());
      float[] data = new Filler(1).range(name + "/" + input.name(), n, input.lo(), input.hi());
      values.put(input.name(), Nd4j.createFromArray(data).castTo(type).reshape('c', input.shape()));
    }
    return values;
  }

  /** What the op computes: outputs, and the gradients of {@code sum(y * dy)} for a fixed dy. */
  record Result(List<INDArray> outputs, double loss, Map<String, INDArray> gradients) {}

  Result run(Map<String, INDArray> values, DataType type, boolean gradients) {
    SameDiff graph = SameDiff.create();
    List<SDVariable> variables = new ArrayList<>();
    List<String> differentiable = new ArrayList<>();
    for (Input input : inputs) {
      INDArray value = values.get(input.name());
      if (input.differentiable()) {
        variables.add(graph.var(input.name(), value));
        differentiable.add(input.name());
      } else {
        variables.add(graph.constant(input.name(), value));
      }
    }
    List<SDVariable> outputs = body.build(graph, variables);
    INDArray y = graph.output(Map.of(), outputs.get(0).name()).get(outputs.get(0).name());
    float[] dy = new Filler(2).range(name + "/dy", (int) y.length(), -1, 1);
    SDVariable weight =
        graph.constant("dy", Nd4j.createFromArray(dy).castTo(type).reshape('c', y.shape()));
    SDVariable loss = outputs.get(0).mul(weight).sum("loss");
    graph.setLossVariables(loss);
    List<String> names = new ArrayList<>(outputs.stream().map(SDVariable::name).toList());
    names.add("loss");
    Map<String, INDArray> forward = graph.output(Map.of(), names);
    return new Result(
        outputs.stream().map(v -> forward.get(v.name())).toList(),
        forward.get("loss").getDouble(0),
        gradients ? gradients(graph, differentiable) : Map.of());
  }

  private static Map<String, INDArray> gradients(SameDiff graph, List<String> variables) {
    graph.createGradFunction(variables.toArray(String[]::new));
    return graph.calculateGradients(Map.of(), variables);
  }

  @Override
  public String toString() {
    return name;
  }
}
