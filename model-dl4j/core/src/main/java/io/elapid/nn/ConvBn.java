package io.elapid.nn;

import io.elapid.graph.Mode;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;
import io.elapid.op.Activation;
import io.elapid.op.Conv2d;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Convolution, batch norm, optional activation; names and start as the {@link ConvStyle} says. In
 * the deploy form a single convolution with bias and the activation.
 *
 * <p>The activation is part of the batch norm's op, so that the map between them does not exist.
 */
public final class ConvBn {
  private ConvBn() {}

  /** Adds the block. */
  public static FeatureMap apply(
      Scope scope,
      FeatureMap x,
      Convolution convolution,
      ConvStyle style,
      ActivationKind activation) {
    SDVariable y =
        scope.mode() == Mode.DEPLOY
            ? folded(scope, x, convolution, style, activation)
            : normalised(scope, x, convolution, style, activation);
    return convolution.output(x, y);
  }

  private static SDVariable normalised(
      Scope scope,
      FeatureMap x,
      Convolution convolution,
      ConvStyle style,
      ActivationKind activation) {
    FeatureMap raw =
        ConvLayer.apply(
            scope.child(style.convolution()), x, convolution, style.bias(), style.weights());
    SDVariable y =
        BatchNormalization.apply(
            scope.child(style.norm()),
            raw.value(),
            convolution.outputs(),
            style.scale(),
            activation);
    return activation == ActivationKind.IDENTITY ? scope.tap(y) : ending(scope, style, y);
  }

  private static SDVariable folded(
      Scope scope,
      FeatureMap x,
      Convolution convolution,
      ConvStyle style,
      ActivationKind activation) {
    long[] shape = convolution.weightShape();
    String source = scope.name(style.convolution());
    BatchNormFolding folding =
        style.bias() == Bias.LEARNT
            ? BatchNormFolding.biased(source, shape, scope.name(style.norm()))
            : BatchNormFolding.unbiased(source, shape, scope.name(style.norm()));
    Scope conv = style.folded().isEmpty() ? scope : scope.child(style.folded());
    SDVariable weight = conv.derived("weight", folding::weight, shape);
    SDVariable bias = conv.derived("bias", folding::bias, convolution.outputs());
    SDVariable y = Conv2d.apply(scope.graph(), x.value(), weight, bias, convolution.settings());
    return activated(scope, style, y, activation);
  }

  private static SDVariable activated(
      Scope scope, ConvStyle style, SDVariable y, ActivationKind activation) {
    scope.tap(y);
    return activation == ActivationKind.IDENTITY
        ? y
        : ending(scope, style, Activation.apply(scope.graph(), y, activation));
  }

  /** Where the activation is a module of the block, the block's output is the activation's. */
  private static SDVariable ending(Scope scope, ConvStyle style, SDVariable active) {
    if (!style.activation().isEmpty()) {
      scope.child(style.activation()).tap(active);
      scope.tap(active);
    }
    return active;
  }
}
