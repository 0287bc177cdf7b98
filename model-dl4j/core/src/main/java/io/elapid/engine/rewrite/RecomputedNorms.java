package io.elapid.engine.rewrite;

import io.elapid.op.BatchNorm;
import io.elapid.op.BatchNormRepeat;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets the backward pass compute the outputs of batch norms anew instead of keeping them: a norm's
 * input has to be kept for its own gradient, so its output need not be (Chen et al., "Training Deep
 * Nets with Sublinear Memory Cost", 2016). One more pass over each map for about a third of a
 * step's memory; the bits stay the same.
 */
final class RecomputedNorms implements Rewrite {
  private static final String NORM = "elapid_batch_norm";

  @Override
  public void apply(OpGraph graph) {
    for (OpNode norm : graph.nodes(NORM)) {
      List<OpNode> later = Backward.readers(graph, norm.outputs().get(0));
      if (!later.isEmpty()) {
        recompute(graph, norm, later);
      }
    }
  }

  private static void recompute(OpGraph graph, OpNode norm, List<OpNode> later) {
    String y = norm.outputs().get(0);
    String again = graph.invent(y + Backward.AGAIN, graph.variable(y));
    List<String> inputs = new ArrayList<>(norm.inputs());
    inputs.add(norm.outputs().get(1));
    inputs.add(norm.outputs().get(3));
    OpNode repeat =
        new OpNode(
            BatchNormRepeat.of((BatchNorm) norm.op()),
            norm.name() + Backward.AGAIN,
            inputs,
            List.of(again));
    Backward.insert(graph, repeat, later, y, again);
  }
}
