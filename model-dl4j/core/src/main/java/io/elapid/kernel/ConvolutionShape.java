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
 * @param dilation pixels from one tap of the kernel to the next; 1 where there are groups or a
 *     stride
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
    int groups,
    int dilation) {
  /** Taps side by side. */
  public ConvolutionShape(
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
    this(
        batch,
        channels,
        height,
        width,
        outputs,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth,
        groups,
        1);
  }

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
    if (dilation < 1 || (dilation > 1 && groups * strideHeight * strideWidth > 1)) {
      throw new IllegalArgumentException(
          "dilation %d in %d groups, strides %d and %d"
              .formatted(dilation, groups, strideHeight, strideWidth));
    }
    if (reach(kernelHeight, dilation) > height + 2 * paddingHeight
        || reach(kernelWidth, dilation) > width + 2 * paddingWidth) {
      throw new IllegalArgumentException(
          "a kernel of %dx%d is larger than the padded map of %dx%d"
              .formatted(
                  reach(kernelHeight, dilation),
                  reach(kernelWidth, dilation),
                  height + 2 * paddingHeight,
                  width + 2 * paddingWidth));
    }
  }

  /** Pixels from the first tap to the last, both included. */
  private static int reach(int kernel, int dilation) {
    return dilation * (kernel - 1) + 1;
  }

  /** Rows of the output; what the last step does not reach is cut off. */
  public int outputHeight() {
    return (height + 2 * paddingHeight - reach(kernelHeight, dilation)) / strideHeight + 1;
  }

  /** Columns of the output. */
  public int outputWidth() {
    return (width + 2 * paddingWidth - reach(kernelWidth, dilation)) / strideWidth + 1;
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
