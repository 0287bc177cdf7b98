package io.elapid.task.detection;

import io.elapid.graph.Scope;
import io.elapid.op.Sum;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** Losses of a dense head, one of either kind per level. */
record DenseLosses(List<SDVariable> classes, List<SDVariable> boxes) {
  SDVariable classLoss(Scope scope) {
    return Sum.apply(scope.graph(), classes);
  }

  SDVariable boxLoss(Scope scope) {
    return Sum.apply(scope.graph(), boxes);
  }
}
