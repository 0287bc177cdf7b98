package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.op.Activation;
import io.elapid.op.ChannelScale;
import io.elapid.op.Linear;
import io.elapid.op.SpatialMean;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Squeeze and excitation (Hu et al., "Squeeze-and-Excitation Networks", CVPR 2018): {@code x *
 * sigmoid(fc2(relu(fc1(mean(x)))))} per channel. Parameters {@code fc1}, {@code fc2}, each {@code
 * weight} (out, in, 1, 1) and {@code bias}.
 */
public final class SqueezeExcite {
  private SqueezeExcite() {}

  /** Adds the block with {@code hidden} channels between the two layers. */
  public static FeatureMap apply(Scope scope, FeatureMap x, long hidden) {
    SDVariable mean = SpatialMean.apply(scope.graph(), x.value());
    SDVariable squeezed = layer(scope.child("fc1"), mean, x.channels(), hidden);
    SDVariable active =
        scope.child("act").tap(Activation.apply(scope.graph(), squeezed, ActivationKind.RELU));
    SDVariable excited = layer(scope.child("fc2"), active, hidden, x.channels());
    SDVariable gate =
        scope.child("gate").tap(Activation.apply(scope.graph(), excited, ActivationKind.SIGMOID));
    return x.with(scope.tap(ChannelScale.apply(scope.graph(), x.value(), gate)));
  }

  /**
   * On one position a 1x1 convolution is a linear layer; its weight keeps the shape of the former.
   */
  private static SDVariable layer(Scope scope, SDVariable x, long inputs, long outputs) {
    long[] shape = {outputs, inputs, 1, 1};
    SDVariable weight = scope.parameter("weight", Initializer.fanIn(shape), shape);
    SDVariable bias = scope.parameter("bias", Initializer.fanIn(shape), outputs);
    SDVariable matrix = scope.graph().reshape(weight, outputs, inputs);
    return scope.tap(Linear.apply(scope.graph(), x, matrix, bias));
  }
}
