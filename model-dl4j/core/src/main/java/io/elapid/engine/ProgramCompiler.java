package io.elapid.engine;

import io.elapid.engine.Value.Storage;
import io.elapid.graph.Arena;
import io.elapid.graph.StandIns;
import io.elapid.op.ElapidOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.transforms.same.Identity;
import org.nd4j.linalg.factory.Nd4j;

/** The work behind {@link StepProgram#compile}: used once, then thrown away. */
final class ProgramCompiler {
  /** Cache line, and what oneDNN likes best. */
  private static final long ALIGNMENT_BYTES = 64;

  private record Planned(OpNode node, List<Value> inputs, List<Value> outputs) {}

  private final ProgramSpec spec;
  private final Arena.Source arenas;
  private final StandIns standIns = new StandIns();
  private final Map<String, Value> values = new HashMap<>();
  private final List<Planned> steps = new ArrayList<>();
  private long computedElements;

  ProgramCompiler(ProgramSpec spec, Arena.Source arenas) {
    this.spec = spec;
    this.arenas = arenas;
    spec.inputs().forEach(this::bindInput);
  }

  StepProgram compile() {
    Set<String> wanted = new LinkedHashSet<>(spec.results().keySet());
    wanted.addAll(spec.kept());
    for (OpNode node : OpList.of(spec.graph(), wanted)) {
      plan(node);
    }
    spec.results().forEach(this::settleResult);
    spec.kept().forEach(name -> value(name, "the request").storage().readBy(steps.size()));
    Arena arena = placeHomeless();
    List<StepProgram.Step> bound = steps.stream().map(ProgramCompiler::bind).toList();
    Map<String, INDArray> kept = new HashMap<>();
    spec.kept().forEach(name -> kept.put(name, array(values.get(name))));
    return new StepProgram(bound, kept, arena, computedElements);
  }

  private void bindInput(String name, INDArray array) {
    requireDense(name, array);
    values.put(name, Value.input(array));
  }

  private Value value(String name, String reader) {
    return values.computeIfAbsent(name, missing -> graphConstant(missing, reader));
  }

  private Value graphConstant(String name, String reader) {
    SDVariable variable = spec.graph().getVariable(name);
    INDArray array = variable == null || variable.isPlaceHolder() ? null : variable.getArr();
    if (array == null) {
      throw new IllegalArgumentException(
          "no array given for variable %s, which %s reads".formatted(name, reader));
    }
    return Value.constant(array.dup('c'));
  }

  private void plan(OpNode node) {
    List<Value> inputs = node.inputs().stream().map(name -> value(name, node.title())).toList();
    if (passesGradientOn(node, inputs)) {
      node.outputs().forEach(name -> values.put(name, inputs.get(2)));
      return;
    }
    INDArray[] standIns = inputs.stream().map(this::forShapes).toArray(INDArray[]::new);
    List<long[]> outputShapes = Shapes.outputs(node, standIns);
    if (node.isView()) {
      values.put(node.outputs().get(0), inputs.get(0).as(outputShapes.get(0)));
    } else if (inputs.stream().allMatch(Value::constant) || node.readsShapeOnly()) {
      fold(node, standIns, outputShapes);
    } else {
      schedule(node, inputs, outputShapes);
    }
  }

  /** The gradient of a sum of equal shapes is its output's gradient, for both terms. */
  private static boolean passesGradientOn(OpNode node, List<Value> inputs) {
    return node.op().opName().equals("add_bp")
        && inputs.get(0).sameShape(inputs.get(2))
        && inputs.get(1).sameShape(inputs.get(2));
  }

  private INDArray forShapes(Value value) {
    // shape functions read the content of constants, such as the new shape of a reshape
    return value.constant()
        ? value.storage().memory().reshape('c', value.shape())
        : standIns.of(value.type(), value.shape());
  }

  private void fold(OpNode node, INDArray[] inputs, List<long[]> outputShapes) {
    OpContext context = Shapes.context(node.op(), inputs);
    for (int i = 0; i < outputShapes.size(); i++) {
      INDArray output = Nd4j.create(type(node, i), outputShapes.get(i));
      context.setOutputArray(i, output);
      values.put(node.outputs().get(i), Value.constant(output));
    }
    Nd4j.getExecutioner().exec(node.op(), context);
  }

  private void schedule(OpNode node, List<Value> inputs, List<long[]> outputShapes) {
    int step = steps.size();
    List<Value> outputs = new ArrayList<>();
    for (int i = 0; i < outputShapes.size(); i++) {
      Value output = Value.computed(type(node, i), outputShapes.get(i), step);
      values.put(node.outputs().get(i), output);
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

  private DataType type(OpNode node, int output) {
    return spec.graph().getVariable(node.outputs().get(output)).dataType();
  }

  /** Lets the producing step write to the wanted place itself; a copy only where it cannot. */
  private void settleResult(String name, INDArray target) {
    requireDense(name, target);
    Value source = value(name, "the request");
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
      return;
    }
    int step = steps.size();
    Value copy = Value.computed(source.type(), source.shape(), step);
    copy.storage().liveAt(target);
    source.storage().readBy(step);
    OpNode node = new OpNode(new Identity(), "copy of " + name, List.of(name), List.of(name));
    steps.add(new Planned(node, List.of(source), List.of(copy)));
  }

  private Arena placeHomeless() {
    List<Value> homeless =
        steps.stream()
            .flatMap(step -> step.outputs().stream())
            .filter(output -> output.storage().homeless())
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
            homeless.stream().map(ProgramCompiler::span).toList(), ALIGNMENT_BYTES / type.width());
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
