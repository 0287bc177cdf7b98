package io.elapid.kernel;

/**
 * Sizes of a convolution: {@code x: (batch, channels, height, width)}, {@code w: (outputs, channels
 * / groups, kernelHeight, kernelWidth)}, {@code y: (batch, outputs, outputHeight, outputWidth)}.
 *
 * <p>A sequence is an image of height 1. Output {@code o} sees the channels of group {@code o /
 * (outputs / groups)}; {@code groups == channels} is a depthwise convolution.
 *
 * @param paddingHeight rows of zeros added above and below
 * @param paddingWidth columns of zeros added on either side
 */
public record ConvolutionShape(
    int batch,
    int channels,
    int height,
    int width,
    int outputs,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth,
    int groups) {
  /** Checks the ranges. */
  public ConvolutionShape {
    if (strideHeight < 1 || strideWidth < 1 || paddingHeight < 0 || paddingWidth < 0) {
      throw new IllegalArgumentException(
          "no such convolution: strides %d and %d, paddings %d and %d"
              .formatted(strideHeight, strideWidth, paddingHeight, paddingWidth));
    }
    if (groups < 1 || channels % groups != 0 || outputs % groups != 0) {
      throw new IllegalArgumentException(
          "%d channels and %d outputs in %d groups".formatted(channels, outputs, groups));
    }
    if (kernelHeight > height + 2 * paddingHeight || kernelWidth > width + 2 * paddingWidth) {
      throw new IllegalArgumentException(
          "a kernel of %dx%d is larger than the padded map of %dx%d"
              .formatted(
                  kernelHeight, kernelWidth, height + 2 * paddingHeight, width + 2 * paddingWidth));
    }
  }

  /** Rows of the output; what the last step does not reach is cut off. */
  public int outputHeight() {
    return (height + 2 * paddingHeight - kernelHeight) / strideHeight + 1;
  }

  /** Columns of the output. */
  public int outputWidth() {
    return (width + 2 * paddingWidth - kernelWidth) / strideWidth + 1;
  }

  /** Pixels of an input map. */
  public int positions() {
    return height * width;
  }

  /** Pixels of an output map. */
  public int outputPositions() {
    return outputHeight() * outputWidth();
  }

  /** Input channels that one output sees. */
  public int groupChannels() {
    return channels / groups;
  }

  /** Outputs of one group. */
  public int groupOutputs() {
    return outputs / groups;
  }

  /** Weights of one output. */
  public int taps() {
    return groupChannels() * kernelHeight * kernelWidth;
  }

  /** Whether each output is a weighted sum of the channels at one pixel. */
  public boolean isPointwise() {
    return groups == 1
        && kernelHeight == 1
        && kernelWidth == 1
        && strideHeight == 1
        && strideWidth == 1
        && paddingHeight == 0
        && paddingWidth == 0;
  }

  /** Whether each channel is convolved on its own. */
  public boolean isDepthwise() {
    return groups > 1 && groups == channels;
  }

  /** Multiplications and additions that forward takes, or either gradient. */
  public long multiplyAccumulates() {
    return (long) batch * outputs * outputPositions() * taps();
  }
}
