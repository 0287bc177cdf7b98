package io.elapid.op;

/**
 * Geometry of a convolution. Rows and columns have the same stride; a sequence is one row.
 *
 * @param stride step, at least 1
 * @param paddingHeight rows of zeros added above and below
 * @param paddingWidth columns of zeros added on either side
 * @param groups 1, or the number of input channels (depthwise)
 */
public record ConvSettings(int stride, int paddingHeight, int paddingWidth, int groups) {
  /** A plain convolution with the same padding on all sides. */
  public static ConvSettings of(int stride, int padding) {
    return new ConvSettings(stride, padding, 1);
  }

  /** The same padding on all sides. */
  public ConvSettings(int stride, int padding, int groups) {
    this(stride, padding, padding, groups);
  }

  /** Checks the ranges. */
  public ConvSettings {
    if (stride < 1 || paddingHeight < 0 || paddingWidth < 0 || groups < 1) {
      throw new IllegalArgumentException(
          "no such convolution: stride %d, padding %d and %d, groups %d"
              .formatted(stride, paddingHeight, paddingWidth, groups));
    }
  }

  /** Height of the output for an input and a kernel of these heights; a remainder is cut off. */
  public long outputHeight(long input, long kernel) {
    return output(input + 2L * paddingHeight, kernel);
  }

  /** As {@link #outputHeight} for widths, and for lengths of sequences. */
  public long outputWidth(long input, long kernel) {
    return output(input + 2L * paddingWidth, kernel);
  }

  private long output(long padded, long kernel) {
    return padded < kernel ? 0 : (padded - kernel) / stride + 1;
  }

  /** As integer arguments of an op. */
  long[] arguments() {
    return new long[] {stride, paddingHeight, paddingWidth, groups};
  }

  /** From an op whose integer arguments begin with {@link #arguments()}. */
  static ConvSettings of(ElapidOp op) {
    return new ConvSettings(op.attribute(0), op.attribute(1), op.attribute(2), op.attribute(3));
  }
}
