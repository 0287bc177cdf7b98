package io.elapid.nn;

import io.elapid.op.ConvSettings;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Sizes of a square convolution.
 *
 * @param groups 1, or the number of input channels for a depthwise convolution
 */
public record Convolution(
    long inputs, long outputs, int kernel, int stride, int padding, int groups) {

  /** One tap: a linear map at every position. */
  public static Convolution pointwise(long inputs, long outputs) {
    return new Convolution(inputs, outputs, 1, 1, 0, 1);
  }

  /** Three by three with padding 1 over all channels. */
  public static Convolution dense3x3(long inputs, long outputs, int stride) {
    return new Convolution(inputs, outputs, 3, stride, 1, 1);
  }

  /** Three by three with padding 1, each channel by itself. */
  public static Convolution depthwise3x3(long channels, int stride) {
    return new Convolution(channels, channels, 3, stride, 1, Math.toIntExact(channels));
  }

  /** PyTorch's shape of the weight. */
  public long[] weightShape() {
    return new long[] {outputs, inputs / groups, kernel, kernel};
  }

  /** The geometry as the operation takes it. */
  public ConvSettings settings() {
    return new ConvSettings(stride, padding, groups);
  }

  /** Size of the output along a dimension of size {@code input}. */
  public long outputSize(long input) {
    return (input + 2L * padding - kernel) / stride + 1;
  }

  /** {@code y} as the map that this convolution makes of {@code x}. */
  FeatureMap output(FeatureMap x, SDVariable y) {
    return new FeatureMap(y, x.batch(), outputs, outputSize(x.height()), outputSize(x.width()));
  }
}
