package io.elapid.engine;

import io.elapid.engine.rewrite.OpGraph;
import io.elapid.engine.rewrite.OpList;
import io.elapid.engine.rewrite.OpNode;
import io.elapid.engine.rewrite.Variable;
import io.elapid.graph.StandIns;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;

/** Finds the shapes of all variables, and computes at once what follows from constants alone. */
public final class ShapeInference {
  private final SameDiff graph;
  private final StandIns standIns = new StandIns();
  private final Map<String, Variable> variables = new HashMap<>();
  private final List<OpNode> remaining = new ArrayList<>();

  /**
   * Over a graph.
   *
   * @param inputs arrays of placeholders; the shape of one that is missing is the graph's own
   */
  ShapeInference(SameDiff graph, Map<String, INDArray> inputs) {
    this.graph = graph;
    inputs.forEach(
        (name, array) -> variables.put(name, Variable.of(array.dataType(), array.shape())));
  }

  /** What {@code wanted} needs of a graph, for placeholders of the graph's own shapes. */
  public static OpGraph of(SameDiff graph, Set<String> wanted) {
    return new ShapeInference(graph, Map.of()).graph(OpList.of(graph, wanted), wanted);
  }

  /** The operations that remain to be run. */
  OpGraph graph(List<OpNode> nodes, Set<String> wanted) {
    nodes.forEach(this::add);
    wanted.forEach(this::variable);
    return new OpGraph(remaining, variables, wanted);
  }

  private void add(OpNode node) {
    List<Variable> known = node.inputs().stream().map(this::variable).toList();
    INDArray[] inputs = known.stream().map(this::standIn).toArray(INDArray[]::new);
    List<long[]> shapes = Shapes.outputs(node, inputs);
    if (known.stream().allMatch(Variable::isConstant) || node.readsShapeOnly()) {
      fold(node, inputs, shapes);
      return;
    }
    for (int i = 0; i < shapes.size(); i++) {
      variables.put(node.outputs().get(i), Variable.of(type(node, i), shapes.get(i)));
    }
    remaining.add(node);
  }

  private Variable variable(String name) {
    Variable known = variables.get(name);
    if (known == null) {
      SDVariable variable = graph.getVariable(name);
      known =
          variable.isPlaceHolder()
              ? Variable.of(variable.dataType(), variable.getShape())
              : Variable.constant(variable.getArr().dup('c'));
      variables.put(name, known);
    }
    return known;
  }

  /** Shape functions read the content of constants, such as the new shape of a reshape. */
  private INDArray standIn(Variable variable) {
    return variable.isConstant()
        ? variable.constant()
        : standIns.of(variable.type(), variable.shape());
  }

  private void fold(OpNode node, INDArray[] inputs, List<long[]> shapes) {
    OpContext context = Shapes.context(node.op(), inputs);
    for (int i = 0; i < shapes.size(); i++) {
      INDArray output = Nd4j.create(type(node, i), shapes.get(i));
      context.setOutputArray(i, output);
      variables.put(node.outputs().get(i), Variable.constant(output));
    }
    Nd4j.getExecutioner().exec(node.op(), context);
  }

  private DataType type(OpNode node, int output) {
    return graph.getVariable(node.outputs().get(output)).dataType();
  }
}
