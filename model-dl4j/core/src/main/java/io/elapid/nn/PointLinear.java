package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.op.Conv2d;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A linear layer over the channels at every position. Parameters {@code weight} (outputs, inputs),
 * {@code bias} (outputs): those of a linear layer, though it runs as a convolution with one tap.
 */
public final class PointLinear {
  private static final double DEVIATION = 0.02;

  private PointLinear() {}

  /** From (batch, channels, height, width) to (batch, outputs, height, width). */
  public static FeatureMap apply(Scope scope, FeatureMap x, long outputs, Bias bias) {
    SDVariable weight =
        scope.parameter(
            "weight", new Initializer.TruncatedNormal(DEVIATION), outputs, x.channels());
    SDVariable kernel = scope.graph().reshape(weight, outputs, x.channels(), 1, 1);
    Convolution convolution = Convolution.pointwise(x.channels(), outputs);
    SDVariable y =
        bias == Bias.NONE
            ? Conv2d.apply(scope.graph(), x.value(), kernel, convolution.settings())
            : Conv2d.apply(
                scope.graph(),
                x.value(),
                kernel,
                scope.parameter("bias", Initializer.zero(), outputs),
                convolution.settings());
    return convolution.output(x, scope.tap(y));
  }
}
