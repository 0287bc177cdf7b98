package io.elapid.engine.rewrite;

import io.elapid.op.ElapidOp;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What the rewrites that compute maps anew ask of a graph, and how they do it. */
final class Backward {
  /** Ends the names of what is computed a second time. */
  static final String AGAIN = "#again";

  private Backward() {}

  /** Whether the operation belongs to the backward pass. */
  static boolean contains(OpNode node) {
    String kind = node.op().opName();
    return kind.contains("_gradient") || kind.endsWith("_bp") || node.name().endsWith(AGAIN);
  }

  /** Whether the variable's content counts for an operation, not only its shape. */
  static boolean reads(OpNode node, String variable) {
    return IntStream.range(0, node.inputs().size())
        .filter(i -> node.inputs().get(i).equals(variable))
        .anyMatch(i -> !(node.op() instanceof ElapidOp ours && ours.readsShapeOnly(i)));
  }

  /**
   * Operations of the backward pass that read the content of a variable, in their order; none if
   * the variable has to be kept whatever they read.
   */
  static List<OpNode> readers(OpGraph graph, String variable) {
    List<OpNode> readers = graph.readers(variable);
    boolean aliased = readers.stream().anyMatch(OpNode::isView);
    List<OpNode> later =
        graph.nodes().stream()
            .filter(readers::contains)
            .filter(node -> contains(node) && reads(node, variable))
            .toList();
    return later.size() == readers.size() || aliased || graph.isWanted(variable)
        ? List.of()
        : later;
  }

  /**
   * Lets {@code repeat} run before the first of {@code later}, and those read {@code again} in the
   * place of {@code variable}.
   */
  static void insert(
      OpGraph graph, OpNode repeat, List<OpNode> later, String variable, String again) {
    for (OpNode reader : later) {
      List<String> replaced =
          reader.inputs().stream().map(input -> input.equals(variable) ? again : input).toList();
      OpNode changed = new OpNode(reader.op(), reader.name(), replaced, reader.outputs());
      List<OpNode> by = new ArrayList<>();
      if (reader.equals(later.get(0))) {
        by.add(repeat);
      }
      by.add(changed);
      graph.replace(List.of(reader), reader, by);
    }
  }
}
