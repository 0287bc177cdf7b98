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

/** One op on inputs of certain shapes, built anew for each type. */
record OpCase(String name, Reach reach, List<Input> inputs, Body body) {
  /** Where the values of an input show. */
  enum Reach {
    /** In every output value, if all of them are changed. */
    EVERYWHERE,
    /** The op only moves values, so that an output may miss some of the inputs. */
    AS_MANY,
    /** In some output values: each depends on a part of the inputs. */
    SOMEWHERE
  }

  /** An input; constants get no gradient. */
  record Input(String name, Values values, boolean differentiable, long... shape) {}

  /** What an input is filled with. */
  @FunctionalInterface
  interface Values {
    /** So many numbers for the input of that name. */
    float[] of(String name, int count);

    /** {@code lo + (hi - lo) u}. */
    static Values between(double lo, double hi) {
      return (name, count) -> new Filler(1).range(name, count, lo, hi);
    }

    /** These again and again. */
    static Values cycle(double... numbers) {
      return (name, count) -> {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
          values[i] = (float) numbers[i % numbers.length];
        }
        return values;
      };
    }
  }

  @FunctionalInterface
  interface Body {
    /** Adds the op; one or several outputs, of which the first propagates gradients. */
    List<SDVariable> build(SameDiff graph, List<SDVariable> inputs);
  }

  OpCase(String name, List<Input> inputs, Body body) {
    this(name, Reach.EVERYWHERE, inputs, body);
  }

  static OpCase of(String name, Body body, Input... inputs) {
    return new OpCase(name, List.of(inputs), body);
  }

  static OpCase moving(String name, Body body, Input... inputs) {
    return new OpCase(name, Reach.AS_MANY, List.of(inputs), body);
  }

  static OpCase local(String name, Body body, Input... inputs) {
    return new OpCase(name, Reach.SOMEWHERE, List.of(inputs), body);
  }

  static Input in(String name, long... shape) {
    return new Input(name, Values.between(-1, 1), true, shape);
  }

  static Input between(String name, double lo, double hi, long... shape) {
    return new Input(name, Values.between(lo, hi), true, shape);
  }

  static Input constant(String name, double lo, double hi, long... shape) {
    return new Input(name, Values.between(lo, hi), false, shape);
  }

  /** A constant made of these numbers, again and again. */
  static Input given(String name, double[] numbers, long... shape) {
    return new Input(name, Values.cycle(numbers), false, shape);
  }

  /** The inputs' values, the same for both types but for rounding. */
  Map<String, INDArray> values(DataType type) {
    Map<String, INDArray> values = new LinkedHashMap<>();
    for (Input input : inputs) {
      int n = (int) ElapidOp.elements(input.shape());
      float[] data = input.values().of(name + "/" + input.name(), n);
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
