package io.elapid.op;

import io.elapid.golden.Filler;
import io.elapid.graph.Arena;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An op and its gradient executed as a compiled step does it: no session, outputs given, contexts
 * kept.
 */
final class DirectRun {
  /** How the memory of operands lies. */
  enum Layout {
    DENSE,
    OFFSET,
    STRIDED;

    INDArray empty(DataType type, long[] shape) {
      long length = ElapidOp.elements(shape);
      if (this == DENSE) {
        return inKernelMemory(type, length, 0, shape);
      }
      if (this == OFFSET) {
        return inKernelMemory(type, 2 * length + 7, 5, shape);
      }
      if (shape.length < 2) {
        return Nd4j.create(type, shape);
      }
      long[] reversed = new long[shape.length];
      int[] order = new int[shape.length];
      for (int i = 0; i < shape.length; i++) {
        reversed[i] = shape[shape.length - 1 - i];
        order[i] = shape.length - 1 - i;
      }
      return Nd4j.create(type, reversed).permute(order);
    }
  }

  /** Part of an arena where the kernels want their tensors, as the engine's are. */
  private static INDArray inKernelMemory(DataType type, long length, long offset, long[] shape) {
    Arena arena =
        RUNNER
            .kernels()
            .memory()
            .map(unified -> Arena.allocate(type, length, unified))
            .orElseGet(() -> Arena.allocate(type, length));
    INDArray array = arena.view(offset, shape);
    CLEANER.register(array.data(), arena::close);
    return array;
  }

  private static final OpRunner RUNNER = OpRegistry.register();
  private static final Cleaner CLEANER = Cleaner.create();

  private record Step(ElapidOp op, OpContext context) {}

  /** Outputs of one op with memory of their own, and with one of them in an input's place. */
  record Twice(String title, List<INDArray> apart, List<INDArray> inPlace) {}

  private final List<Step> steps = new ArrayList<>();
  private final Map<String, INDArray> arrays = new LinkedHashMap<>();
  private final Map<String, INDArray> outputGradients = new LinkedHashMap<>();
  private final List<INDArray> outputs = new ArrayList<>();
  private final String result;
  private int forwardOutputs;

  DirectRun(OpCase op, DataType type, Layout layout) {
    SameDiff graph = SameDiff.create();
    List<SDVariable> variables = new ArrayList<>();
    op.values(type)
        .forEach(
            (name, value) -> {
              INDArray placed = layout.empty(type, value.shape()).assign(value);
              arrays.put(name, placed);
              boolean differentiable =
                  op.inputs().stream().anyMatch(i -> i.name().equals(name) && i.differentiable());
              variables.add(differentiable ? graph.var(name, value) : graph.constant(name, value));
            });
    SDVariable y = op.body().build(graph, variables).get(0);
    result = y.name();
    for (SDVariable each : graph.variables()) {
      if (each.isConstant() && !arrays.containsKey(each.name())) {
        arrays.put(each.name(), layout.empty(type, each.getShape()).assign(each.getArr()));
      }
    }
    int forwardOps = graph.getOps().size();
    graph.setLossVariables(y.mul(y).sum("loss"));
    graph.createGradFunction();
    for (SameDiffOp each : graph.getFunction("grad").getOps().values()) {
      if (each.getOp() instanceof ElapidOp ours) {
        add(op, ours, each, type, layout);
        if (steps.size() == forwardOps) {
          forwardOutputs = outputs.size();
        }
      }
    }
  }

  private void add(OpCase op, ElapidOp ours, SameDiffOp each, DataType type, Layout layout) {
    OpContext context = Nd4j.getExecutioner().buildContext();
    for (int i = 0; i < each.getInputsToOp().size(); i++) {
      context.setInputArray(i, array(op, each.getInputsToOp().get(i), type, layout));
    }
    List<LongShapeDescriptor> shapes = ours.calculateOutputShape(context);
    for (int i = 0; i < shapes.size(); i++) {
      INDArray output = layout.empty(type, shapes.get(i).getShape());
      context.setOutputArray(i, output);
      outputs.add(output);
      arrays.put(each.getOutputsOfOp().get(i), output);
    }
    steps.add(new Step(ours, context));
  }

  /**
   * What is not known is what the session would have computed between the two: the gradient of an
   * output.
   */
  private INDArray array(OpCase op, String name, DataType type, Layout layout) {
    if (arrays.containsKey(name)) {
      return arrays.get(name);
    }
    String output = name.endsWith("-grad") ? name.substring(0, name.length() - 5) : result;
    String key = arrays.containsKey(output) ? output : result;
    return outputGradients.computeIfAbsent(key, k -> gradient(op, arrays.get(k), type, layout));
  }

  private static INDArray gradient(OpCase op, INDArray y, DataType type, Layout layout) {
    float[] values = new Filler(3).range(op.name() + "/dy", (int) y.length(), -1, 1);
    return layout
        .empty(type, y.shape())
        .assign(Nd4j.createFromArray(values).castTo(type).reshape('c', y.shape()));
  }

  INDArray array(String name) {
    return arrays.get(name);
  }

  /** What the case calls its result. */
  INDArray result() {
    return arrays.get(result);
  }

  /** What stands for the gradients of the forward op's outputs. */
  Collection<INDArray> outputGradients() {
    return outputGradients.values();
  }

  /** Names of the ops that forward and gradient consist of. */
  List<String> opNames() {
    return steps.stream().map(step -> step.op().opName()).toList();
  }

  /** Executes forward and gradient; all their outputs, dense copies. */
  List<INDArray> execute() {
    steps.forEach(s -> Nd4j.getExecutioner().exec(s.op(), s.context()));
    RUNNER.settle();
    return outputs.stream().map(a -> a.dup('c')).toList();
  }

  /** As {@link #execute()}, only the outputs of the forward op. */
  List<INDArray> executeForward() {
    return execute().subList(0, forwardOutputs);
  }

  /** As {@link #execute()}, only the outputs of gradient ops. */
  List<INDArray> executeGradients() {
    List<INDArray> all = execute();
    return all.subList(forwardOutputs, all.size());
  }

  /** Executes every op with each of its outputs in each place that it may overwrite. */
  List<Twice> inPlace() {
    execute();
    List<Twice> all = new ArrayList<>();
    for (Step step : steps) {
      int inputs = step.context().numInputArguments();
      int count = step.context().numOutputArguments();
      for (int input = 0; input < inputs; input++) {
        for (int output = 0; output < count; output++) {
          if (step.op().overwrites(input) && haveSameShape(step.context(), input, output)) {
            all.add(inPlace(step, input, output));
          }
        }
      }
    }
    return all;
  }

  private static boolean haveSameShape(OpContext context, int input, int output) {
    return context.getInputArray(input).equalShapes(context.getOutputArray(output));
  }

  private static Twice inPlace(Step step, int place, int output) {
    OpContext context = Nd4j.getExecutioner().buildContext();
    for (int i = 0; i < step.context().numInputArguments(); i++) {
      INDArray input = step.context().getInputArray(i);
      context.setInputArray(i, Layout.DENSE.empty(input.dataType(), input.shape()).assign(input));
    }
    List<INDArray> apart = new ArrayList<>();
    for (int i = 0; i < step.context().numOutputArguments(); i++) {
      INDArray written = step.context().getOutputArray(i);
      apart.add(written.dup('c'));
      context.setOutputArray(
          i,
          i == output
              ? context.getInputArray(place)
              : Layout.DENSE.empty(written.dataType(), written.shape()));
    }
    Nd4j.getExecutioner().exec(step.op(), context);
    RUNNER.settle();
    String title = "%s, output %d in input %d".formatted(step.op().opName(), output, place);
    return new Twice(title, apart, List.copyOf(context.getOutputArrays()));
  }
}
