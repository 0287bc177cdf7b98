package io.elapid.nn;

import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;

/**
 * Two linear maps over channels with batch norm, an activation between them.
 *
 * @param first name of the first map
 * @param second name of the second map
 * @param expansion hidden channels per channel
 * @param activation after the first map
 * @param opening style of the first map
 * @param closing style of the second map
 */
public record FeedForward(
    String first,
    String second,
    int expansion,
    ActivationKind activation,
    ConvStyle opening,
    ConvStyle closing) {

  /** Adds the block. */
  public FeatureMap apply(Scope scope, FeatureMap x) {
    long hidden = expansion * x.channels();
    Convolution widen = Convolution.pointwise(x.channels(), hidden);
    Convolution narrow = Convolution.pointwise(hidden, x.channels());
    FeatureMap wide = ConvBn.apply(scope.child(first), x, widen, opening, activation);
    scope.child("act").tap(wide.value());
    FeatureMap y =
        ConvBn.apply(scope.child(second), wide, narrow, closing, ActivationKind.IDENTITY);
    scope.tap(y.value());
    return y;
  }
}
