package io.elapid.nn;

import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.op.Activation;

/** An activation that is a module of its own. */
public final class Activations {
  private Activations() {}

  /** Applies {@code kind} to every element. */
  public static FeatureMap apply(Scope scope, FeatureMap x, ActivationKind kind) {
    return x.with(scope.tap(Activation.apply(scope.graph(), x.value(), kind)));
  }
}
