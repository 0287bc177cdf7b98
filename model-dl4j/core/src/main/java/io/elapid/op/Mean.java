package io.elapid.op;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.factory.Nd4j;

/** The mean of several variables of one shape. */
public final class Mean {
  private Mean() {}

  /** Adds the mean; a single variable is its own. */
  public static SDVariable apply(SameDiff graph, List<SDVariable> terms) {
    if (terms.size() == 1) {
      return terms.get(0);
    }
    // a mixture whose weights are equal and not learnt
    SDVariable equal = graph.constant(Nd4j.zeros(terms.get(0).dataType(), terms.size()));
    return SoftmaxMix.apply(graph, equal, terms);
  }
}
