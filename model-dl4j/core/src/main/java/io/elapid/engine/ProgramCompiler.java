package io.elapid.engine;

import io.elapid.engine.Value.Storage;
import io.elapid.engine.rewrite.OpGraph;
import io.elapid.engine.rewrite.OpList;
import io.elapid.engine.rewrite.OpNode;
import io.elapid.engine.rewrite.Variable;
import io.elapid.graph.Arena;
import io.elapid.kernel.Tensor;
import io.elapid.op.ElapidOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.transforms.same.Identity;

/** The work behind {@link StepProgram#compile}: used once, then thrown away. */
final class ProgramCompiler {
  private record Planned(OpNode node, List<Value> inputs, List<Value> outputs) {}

  private final ProgramSpec spec;
  private final Arena.Source arenas;
  private final Map<String, Value> values = new HashMap<>();
  private final List<Planned> steps = new ArrayList<>();
  private final Map<String, Integer> writes = new HashMap<>();
  private long computedElements;

  ProgramCompiler(ProgramSpec spec, Arena.Source arenas) {
    this.spec = spec;
    this.arenas = arenas;
    spec.inputs().forEach(this::bindInput);
  }

  StepProgram compile() {
    OpGraph graph = rewritten();
    for (OpNode node : graph.nodes()) {
      plan(graph, node);
    }
    spec.results().forEach((name, target) -> settleResult(wanted(graph, name), name, target));
    spec.kept().forEach(name -> wanted(graph, name).storage().readBy(steps.size()));
    overwrite();
    Arena arena = placeHomeless();
    List<StepProgram.Step> bound = steps.stream().map(ProgramCompiler::bind).toList();
    Map<String, INDArray> kept = new HashMap<>();
    spec.kept().forEach(name -> kept.put(name, array(values.get(name))));
    return new StepProgram(bound, kept, writes, arena, computedElements);
  }

  private OpGraph rewritten() {
    Set<String> wanted = new LinkedHashSet<>(spec.results().keySet());
    wanted.addAll(spec.kept());
    OpGraph graph =
        new ShapeInference(spec.graph(), spec.inputs())
            .graph(OpList.of(spec.graph(), wanted), wanted);
    spec.rewrites().apply(graph);
    return graph;
  }

  private void bindInput(String name, INDArray array) {
    requireDense(name, array);
    values.put(name, Value.input(array));
  }

  private Value wanted(OpGraph graph, String name) {
    return value(graph, name, "the request");
  }

  /** An input, what an earlier step computes, or else a constant. */
  private Value value(OpGraph graph, String name, String reader) {
    return values.computeIfAbsent(
        name,
        missing -> {
          INDArray constant = graph.variable(missing).constant();
          if (constant == null) {
            throw new IllegalArgumentException(
                "no array given for variable %s, which %s reads".formatted(missing, reader));
          }
          return Value.constant(constant);
        });
  }

  private void plan(OpGraph graph, OpNode node) {
    List<Value> inputs =
        node.inputs().stream().map(name -> value(graph, name, node.title())).toList();
    if (node.isView()) {
      String output = node.outputs().get(0);
      values.put(output, inputs.get(0).as(graph.variable(output).shape()));
      return;
    }
    int step = steps.size();
    List<Value> outputs = new ArrayList<>();
    for (String name : node.outputs()) {
      Variable variable = graph.variable(name);
      Value output = Value.computed(variable.type(), variable.shape(), step);
      values.put(name, output);
      outputs.add(output);
      computedElements += output.elements();
    }
    for (int i = 0; i < inputs.size(); i++) {
      if (!readsShapeOnly(node, i)) {
        inputs.get(i).storage().readBy(step);
      }
    }
    steps.add(new Planned(node, inputs, outputs));
  }

  private static boolean readsShapeOnly(OpNode node, int input) {
    return node.op() instanceof ElapidOp ours && ours.readsShapeOnly(input);
  }

  /** Lets the producing step write to the wanted place itself; a copy only where it cannot. */
  private void settleResult(Value source, String name, INDArray target) {
    requireDense(name, target);
    if (source.type() != target.dataType() || !Arrays.equals(source.shape(), target.shape())) {
      throw new IllegalArgumentException(
          "%s is %s%s but is wanted as %s%s"
              .formatted(
                  name,
                  source.type(),
                  Arrays.toString(source.shape()),
                  target.dataType(),
                  Arrays.toString(target.shape())));
    }
    if (source.storage().homeless()) {
      source.storage().liveAt(target);
      writes.put(name, source.storage().written());
      return;
    }
    int step = steps.size();
    writes.put(name, step);
    Value copy = Value.computed(source.type(), source.shape(), step);
    copy.storage().liveAt(target);
    source.storage().readBy(step);
    OpNode node = new OpNode(new Identity(), "copy of " + name, List.of(name), List.of(name));
    steps.add(new Planned(node, List.of(source), List.of(copy)));
  }

  /** Lets results take the place of inputs that nobody reads any more, where the op allows it. */
  private void overwrite() {
    for (int step = 0; step < steps.size(); step++) {
      Planned planned = steps.get(step);
      if (planned.node().op() instanceof ElapidOp ours) {
        List<Value> free = overwritable(step, ours, planned.inputs());
        for (Value output : planned.outputs()) {
          free.stream()
              .filter(input -> Arrays.equals(input.shape(), output.shape()))
              .filter(input -> input.type() == output.type() && output.storage().homeless())
              .findFirst()
              .ifPresent(
                  input -> {
                    output.storage().replace(input.storage());
                    free.remove(input);
                  });
        }
      }
    }
  }

  /** Inputs that are read here for the last time, whole, and only where the op can spare them. */
  private static List<Value> overwritable(int step, ElapidOp op, List<Value> inputs) {
    Map<Storage, Value> free = new LinkedHashMap<>();
    Set<Storage> spared = new HashSet<>();
    for (int i = 0; i < inputs.size(); i++) {
      Value input = inputs.get(i);
      Storage storage = input.storage().first();
      if (op.overwrites(i)
          && storage.homeless()
          && storage.elements() == input.elements()
          && storage.lastRead() == step) {
        free.putIfAbsent(storage, input);
      } else {
        spared.add(storage);
      }
    }
    free.keySet().removeAll(spared);
    return new ArrayList<>(free.values());
  }

  private Arena placeHomeless() {
    List<Value> homeless =
        steps.stream()
            .flatMap(step -> step.outputs().stream())
            .filter(output -> output.storage().homeless() && !output.storage().replacesAnother())
            .toList();
    DataType type = homeless.isEmpty() ? DataType.FLOAT : homeless.get(0).type();
    for (Value value : homeless) {
      if (value.type() != type) {
        throw new IllegalArgumentException(
            "the program computes both %s and %s arrays".formatted(type, value.type()));
      }
    }
    ArenaPlan plan =
        ArenaPlan.of(
            homeless.stream().map(ProgramCompiler::span).toList(),
            Tensor.LINE_BYTES / type.width());
    Arena arena = arenas.take(type, plan.length());
    for (int i = 0; i < homeless.size(); i++) {
      Value value = homeless.get(i);
      value.storage().liveAt(arena.view(plan.offsets()[i], value.shape()));
    }
    return arena;
  }

  private static ArenaPlan.Span span(Value value) {
    Storage storage = value.storage();
    return new ArenaPlan.Span(value.elements(), storage.written(), storage.lastRead());
  }

  private static StepProgram.Step bind(Planned planned) {
    INDArray[] inputs =
        planned.inputs().stream().map(ProgramCompiler::array).toArray(INDArray[]::new);
    INDArray[] outputs =
        planned.outputs().stream().map(ProgramCompiler::array).toArray(INDArray[]::new);
    OpContext context = Shapes.context(planned.node().op(), inputs);
    context.setOutputArrays(outputs);
    // shapes were settled above; without this they are computed again at every run
    context.shapeFunctionOverride(true);
    return new StepProgram.Step(planned.node(), context, inputs, outputs);
  }

  private static INDArray array(Value value) {
    INDArray memory = value.storage().memory();
    return Arrays.equals(memory.shape(), value.shape())
        ? memory
        : memory.reshape('c', value.shape());
  }

  private static void requireDense(String name, INDArray array) {
    long expected = 1;
    for (int d = array.rank() - 1; d >= 0; d--) {
      if (array.size(d) > 1 && array.stride(d) != expected) {
        throw new IllegalArgumentException(
            "the array for %s is not dense and row-major".formatted(name));
      }
      expected *= array.size(d);
    }
  }
}
