package io.elapid.nn;

import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.op.SampleScale;

/**
 * A residual branch that some samples skip in training (stochastic depth; Huang et al., "Deep
 * Networks with Stochastic Depth", ECCV 2016).
 */
public final class DropPath {
  private DropPath() {}

  /**
   * The sum of both maps; in training a sample loses its {@code branch} with probability {@code
   * rate}, and the other samples' branches count 1 / (1 - rate).
   */
  public static FeatureMap add(Scope scope, FeatureMap residual, FeatureMap branch, double rate) {
    if (scope.mode() != Mode.TRAIN || rate == 0) {
      return residual.with(scope.graph().math().add(residual.value(), branch.value()));
    }
    return residual.with(
        SampleScale.apply(
            scope.graph(),
            branch.value(),
            scope.dropPath(rate, residual.batch()),
            residual.value()));
  }
}
