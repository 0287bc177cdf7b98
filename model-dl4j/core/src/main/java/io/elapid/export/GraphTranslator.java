package io.elapid.export;

import io.elapid.engine.rewrite.OpGraph;
import io.elapid.engine.rewrite.OpNode;
import io.elapid.engine.rewrite.Variable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Adds the operations of a forward graph to an ONNX graph, in their order. */
final class GraphTranslator {
  private final OpGraph operations;
  private final OnnxGraph graph;
  private final Map<String, String> values = new HashMap<>();
  private final Set<String> batched;

  /**
   * Translates all of {@code operations}.
   *
   * @param graph that has all placeholders under their names
   * @param batched the placeholders that begin with the batch
   */
  GraphTranslator(OpGraph operations, OnnxGraph graph, Set<String> batched) {
    this.operations = operations;
    this.graph = graph;
    this.batched = new HashSet<>(batched);
    operations.nodes().forEach(this::add);
  }

  private void add(OpNode node) {
    Call call =
        new Call(
            graph,
            node.op(),
            node.inputs().stream().map(this::value).toList(),
            shapes(node.inputs()),
            shapes(node.outputs()),
            node.inputs().stream().anyMatch(batched::contains));
    List<String> results = Translations.of(node).translate(call);
    for (int i = 0; i < results.size(); i++) {
      values.put(node.outputs().get(i), results.get(i));
    }
    if (call.batched()) {
      batched.addAll(node.outputs());
    }
  }

  private List<long[]> shapes(List<String> names) {
    return names.stream().map(name -> operations.variable(name).shape()).toList();
  }

  /** What stands for a variable of the operations. */
  String value(String name) {
    return values.computeIfAbsent(name, this::given);
  }

  private String given(String name) {
    if (operations.producer(name).isPresent()) {
      throw new IllegalArgumentException("only a gradient reads " + name);
    }
    Variable variable = operations.variable(name);
    if (!variable.isConstant()) {
      return name;
    }
    INDArray content = variable.constant();
    return content.dataType().isFPType()
        ? graph.reals(variable.shape(), content.ravel().toFloatVector())
        : graph.table(variable.shape(), content.ravel().toLongVector());
  }
}
