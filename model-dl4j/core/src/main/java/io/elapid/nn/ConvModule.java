package io.elapid.nn;

import io.elapid.graph.Initializer;
import io.elapid.graph.Scope;
import io.elapid.kernel.ActivationKind;

/**
 * Convolution without bias, batch norm, rectifier: what segmentation heads are made of. Parameters
 * {@code conv.weight} and {@code bn}; they start as He's for the fan-out, and as ones.
 */
public final class ConvModule {
  private static final ConvStyle STYLE =
      new ConvStyle(
          "conv", "bn", "activate", "conv", Bias.NONE, Initializer::he, Initializer.one());

  private ConvModule() {}

  /** Adds the block. */
  public static FeatureMap apply(Scope scope, FeatureMap x, Convolution convolution) {
    return ConvBn.apply(scope, x, convolution, STYLE, ActivationKind.RELU);
  }
}
