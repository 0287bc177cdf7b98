package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.op.Activation;
import io.elapid.op.Conv2d;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Convolution without bias, batch norm, optional ReLU. Parameters: {@code conv.weight}, {@code
 * norm.weight}, {@code norm.bias}; in the deploy form {@code conv.weight} and {@code conv.bias}.
 */
public final class ConvBn {
  private ConvBn() {}

  /**
   * Adds the block.
   *
   * @param activation IDENTITY or RELU
   */
  public static FeatureMap apply(
      Scope scope, FeatureMap x, Convolution convolution, ActivationKind activation) {
    SDVariable y =
        scope.mode() == Mode.DEPLOY
            ? folded(scope, x, convolution, activation)
            : normalised(scope, x, convolution, activation);
    scope.tap(y);
    return new FeatureMap(
        y,
        x.batch(),
        convolution.outputs(),
        convolution.outputHeight(x.height()),
        convolution.outputWidth(x.width()));
  }

  private static SDVariable normalised(
      Scope scope, FeatureMap x, Convolution convolution, ActivationKind activation) {
    long[] shape = convolution.weightShape();
    Scope conv = scope.child("conv");
    SDVariable weight = conv.parameter("weight", Initializer.fanIn(shape), shape);
    SDVariable y = conv.tap(Conv2d.apply(scope.graph(), x.value(), weight, convolution.settings()));
    return BatchNormalization.apply(scope.child("norm"), y, convolution.outputs(), activation);
  }

  private static SDVariable folded(
      Scope scope, FeatureMap x, Convolution convolution, ActivationKind activation) {
    BatchNormFolding folding =
        new BatchNormFolding(
            scope.name("conv.weight"), convolution.weightShape(), scope.name("norm"));
    SDVariable weight = scope.derived("conv.weight", folding::weight, convolution.weightShape());
    SDVariable bias = scope.derived("conv.bias", folding::bias, convolution.outputs());
    SDVariable y = Conv2d.apply(scope.graph(), x.value(), weight, bias, convolution.settings());
    return activation == ActivationKind.IDENTITY
        ? y
        : Activation.apply(scope.graph(), y, activation);
  }
}
