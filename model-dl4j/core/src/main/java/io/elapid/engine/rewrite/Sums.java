package io.elapid.engine.rewrite;

import io.elapid.op.Sum;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Adds up all terms of a sum in one pass: a chain {@code (a + b) + c} of equal shapes, as residuals
 * and gradients of variables with several readers make them, becomes one operation with the same
 * order of additions.
 */
final class Sums implements Rewrite {
  private static final String ADD = "add";

  @Override
  public void apply(OpGraph graph) {
    for (OpNode node : graph.nodes(ADD)) {
      if (!isPlain(graph, node) || continues(graph, node)) {
        continue;
      }
      List<OpNode> chain = new ArrayList<>(List.of(node));
      List<String> terms = new ArrayList<>(node.inputs());
      Optional<OpNode> before = partOf(graph, terms.get(0));
      while (before.isPresent()) {
        chain.add(before.get());
        terms.remove(0);
        terms.addAll(0, before.get().inputs());
        before = partOf(graph, terms.get(0));
      }
      OpNode sum = new OpNode(Sum.operation(), node.name(), List.copyOf(terms), node.outputs());
      graph.replace(chain, node, List.of(sum));
    }
  }

  /** The addition of equal shapes whose result only the sum at hand reads, as its first term. */
  private static Optional<OpNode> partOf(OpGraph graph, String term) {
    return graph
        .producer(term, ADD)
        .filter(node -> isPlain(graph, node) && graph.onlyReader(term).isPresent());
  }

  /** Whether another sum takes this one in. */
  private static boolean continues(OpGraph graph, OpNode node) {
    String result = node.outputs().get(0);
    return graph
        .onlyReader(result)
        .filter(reader -> reader.op().opName().equals(ADD))
        .filter(reader -> isPlain(graph, reader) && reader.inputs().get(0).equals(result))
        .filter(reader -> !reader.inputs().get(1).equals(result))
        .isPresent();
  }

  private static boolean isPlain(OpGraph graph, OpNode node) {
    Variable sum = graph.variable(node.outputs().get(0));
    return !node.inputs().get(0).equals(node.inputs().get(1))
        && sum.hasShapeOf(graph.variable(node.inputs().get(0)))
        && sum.hasShapeOf(graph.variable(node.inputs().get(1)))
        && sum.type().isFPType();
  }
}
