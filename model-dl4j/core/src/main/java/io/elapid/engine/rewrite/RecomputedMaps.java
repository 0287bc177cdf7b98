package io.elapid.engine.rewrite;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Lets the backward pass run cheap operations a second time instead of keeping what they made:
 * layer norms, activations, gates and scales, where everything that they read is kept anyway for
 * their own gradients. As {@link RecomputedNorms}, for what is not a batch norm; the bits stay the
 * same.
 */
final class RecomputedMaps implements Rewrite {
  private static final Set<String> KINDS =
      Set.of(
          "elapid_activation",
          "elapid_channel_affine",
          "elapid_channel_scale",
          "elapid_hidden_gate",
          "elapid_layer_norm_2d",
          "elapid_silu_gate");

  @Override
  public void apply(OpGraph graph) {
    List<OpNode> nodes = graph.nodes();
    // what reads a map is dealt with before what makes it: a second run is a reader too
    for (int i = nodes.size() - 1; i >= 0; i--) {
      OpNode node = nodes.get(i);
      if (KINDS.contains(node.op().opName()) && !isResidual(node)) {
        List<OpNode> later = Backward.readers(graph, node.outputs().get(0));
        if (!later.isEmpty() && keepsInputs(graph, node, later)) {
          recompute(graph, node, later);
        }
      }
    }
  }

  /** Second runs along a stream of residuals would each need the one before: nothing is saved. */
  private static boolean isResidual(OpNode node) {
    return node.op().opName().equals("elapid_channel_affine") && node.op().iArgs()[2] == 1;
  }

  /** Whether each input is a parameter, or else read after the second run for its content. */
  private static boolean keepsInputs(OpGraph graph, OpNode node, List<OpNode> later) {
    List<OpNode> order = graph.nodes();
    int first = order.indexOf(later.get(0));
    Set<OpNode> after = new HashSet<>(order.subList(first, order.size()));
    return node.inputs().stream()
        .filter(input -> graph.producer(input).isPresent())
        .allMatch(
            input ->
                graph.readers(input).stream()
                    .anyMatch(reader -> after.contains(reader) && Backward.reads(reader, input)));
  }

  private static void recompute(OpGraph graph, OpNode node, List<OpNode> later) {
    List<String> outputs = new ArrayList<>();
    for (String output : node.outputs()) {
      outputs.add(graph.invent(output + Backward.AGAIN, graph.variable(output)));
    }
    OpNode repeat = new OpNode(node.op(), node.name() + Backward.AGAIN, node.inputs(), outputs);
    Backward.insert(graph, repeat, later, node.outputs().get(0), outputs.get(0));
  }
}
