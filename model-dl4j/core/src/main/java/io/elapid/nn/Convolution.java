package io.elapid.nn;

import io.elapid.op.ConvSettings;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Sizes of a convolution.
 *
 * @param settings stride, padding, distance of the taps, and groups: 1, or the number of input
 *     channels for a depthwise convolution
 */
public record Convolution(
    long inputs, long outputs, int kernelHeight, int kernelWidth, ConvSettings settings) {

  /** One tap: a linear map at every position. */
  public static Convolution pointwise(long inputs, long outputs) {
    return new Convolution(inputs, outputs, 1, 1, ConvSettings.of(1, 0));
  }

  /** Three by three with padding 1 over all channels. */
  public static Convolution dense3x3(long inputs, long outputs, int stride) {
    return new Convolution(inputs, outputs, 3, 3, ConvSettings.of(stride, 1));
  }

  /** Three by three taps so far apart, padded so that maps keep their size. */
  public static Convolution dilated3x3(long inputs, long outputs, int dilation) {
    return new Convolution(inputs, outputs, 3, 3, ConvSettings.dilated(dilation));
  }

  /** Three by three with padding 1, each channel by itself. */
  public static Convolution depthwise3x3(long channels, int stride) {
    return new Convolution(channels, channels, 3, 3, settings(stride, 3, 3, channels));
  }

  /** Any odd kernel, each channel by itself, padded so that maps keep their size. */
  public static Convolution depthwise(long channels, int kernelHeight, int kernelWidth) {
    ConvSettings settings = settings(1, kernelHeight, kernelWidth, channels);
    return new Convolution(channels, channels, kernelHeight, kernelWidth, settings);
  }

  /** Square patches side by side, without padding; what is left over at the edges is cut off. */
  public static Convolution patches(long inputs, long outputs, int size) {
    return new Convolution(inputs, outputs, size, size, ConvSettings.of(size, 0));
  }

  private static ConvSettings settings(int stride, int height, int width, long groups) {
    return new ConvSettings(stride, height / 2, width / 2, Math.toIntExact(groups));
  }

  /** PyTorch's shape of the weight. */
  public long[] weightShape() {
    return new long[] {outputs, inputs / settings.groups(), kernelHeight, kernelWidth};
  }

  /** Height of the output for an input of height {@code input}. */
  public long outputHeight(long input) {
    return settings.outputHeight(input, kernelHeight);
  }

  /** Width of the output for an input of width {@code input}. */
  public long outputWidth(long input) {
    return settings.outputWidth(input, kernelWidth);
  }

  /** {@code y} as the map that this convolution makes of {@code x}. */
  FeatureMap output(FeatureMap x, SDVariable y) {
    return new FeatureMap(y, x.batch(), outputs, outputHeight(x.height()), outputWidth(x.width()));
  }
}
