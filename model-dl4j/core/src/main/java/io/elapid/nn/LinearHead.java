package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.op.Linear;
import org.nd4j.autodiff.samediff.SDVariable;

/** A linear classifier. Parameters {@code weight} (classes, features), {@code bias} (classes). */
public final class LinearHead {
  private static final double DEVIATION = 0.02;

  private LinearHead() {}

  /** From {@code x} (batch, features) to (batch, classes). */
  public static SDVariable apply(Scope scope, SDVariable x, long features, long classes) {
    SDVariable weight =
        scope.parameter("weight", new Initializer.TruncatedNormal(DEVIATION), classes, features);
    SDVariable bias = scope.parameter("bias", Initializer.zero(), classes);
    return scope.tap(Linear.apply(scope.graph(), x, weight, bias));
  }
}
