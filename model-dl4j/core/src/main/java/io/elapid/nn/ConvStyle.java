package io.elapid.nn;

import io.elapid.graph.Initializer;
import java.util.function.Function;

/**
 * How a family names and starts its convolutions with batch norm.
 *
 * @param convolution name of the convolution in the block
 * @param norm name of the batch norm in the block
 * @param activation name of the activation in the block; empty where the block ends before it
 * @param folded name of the convolution that takes their place in the deploy form; empty where it
 *     takes the place of the block
 * @param bias whether the convolution has a bias before the norm
 * @param weights from the shape of a weight to how it starts
 * @param scale how the norm's weight starts
 */
public record ConvStyle(
    String convolution,
    String norm,
    String activation,
    String folded,
    Bias bias,
    Function<long[], Initializer> weights,
    Initializer scale) {

  /** {@code conv}, {@code norm} and the activation: EfficientViM. */
  public static final ConvStyle CONV_NORM = named("conv", "norm", "act", "conv");

  /** {@code c} and {@code bn}, in whose place comes one convolution: TinyViM and MobileMamba. */
  public static final ConvStyle C_BN = named("c", "bn", "", "");

  /** Those names, PyTorch's default start, no bias. */
  public static ConvStyle named(String convolution, String norm, String activation, String folded) {
    return new ConvStyle(
        convolution, norm, activation, folded, Bias.NONE, Initializer::fanIn, Initializer.one());
  }

  /** This style with weights that start so, whatever their shape. */
  public ConvStyle starting(Initializer start) {
    return new ConvStyle(convolution, norm, activation, folded, bias, shape -> start, scale);
  }

  /** This style with a norm that lets nothing through at first. */
  public ConvStyle silent() {
    return new ConvStyle(convolution, norm, activation, folded, bias, weights, Initializer.zero());
  }

  /** This style with a bias in the convolution. */
  public ConvStyle biased() {
    return new ConvStyle(convolution, norm, activation, folded, Bias.LEARNT, weights, scale);
  }
}
