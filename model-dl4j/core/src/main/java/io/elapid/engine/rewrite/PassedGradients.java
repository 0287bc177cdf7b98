package io.elapid.engine.rewrite;

import java.util.List;
import java.util.Map;

/** The gradient of a sum of equal shapes is its output's gradient, for both terms. */
final class PassedGradients implements Rewrite {
  @Override
  public void apply(OpGraph graph) {
    for (OpNode node : graph.nodes("add_bp")) {
      List<String> inputs = node.inputs();
      Variable dy = graph.variable(inputs.get(2));
      if (dy.hasShapeOf(graph.variable(inputs.get(0)))
          && dy.hasShapeOf(graph.variable(inputs.get(1)))) {
        String source = inputs.get(2);
        graph.alias(node, Map.of(node.outputs().get(0), source, node.outputs().get(1), source));
      }
    }
  }
}
