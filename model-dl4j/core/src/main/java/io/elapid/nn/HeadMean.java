package io.elapid.nn;

import io.elapid.graph.Scope;
import io.elapid.graph.Scores;
import io.elapid.op.Mean;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** Scores of a network with several heads, such as one for labels and one for a teacher. */
public final class HeadMean {
  private HeadMean() {}

  /** Each head learns by itself; the network's answer is their mean. */
  public static Scores of(Scope scope, List<SDVariable> heads) {
    return new Scores(Mean.apply(scope.graph(), heads), heads);
  }
}
