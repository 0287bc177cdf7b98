package io.elapid.op;

/**
 * Geometry of a convolution. Rows and columns have the same stride; a sequence is one row.
 *
 * @param stride step, at least 1
 * @param paddingHeight rows of zeros added above and below
 * @param paddingWidth columns of zeros added on either side
 * @param groups 1, or the number of input channels (depthwise)
 * @param dilation pixels from one tap of the kernel to the next, at least 1; above 1 only with
 *     stride 1, one group, and maps of two dimensions
 */
public record ConvSettings(
    int stride, int paddingHeight, int paddingWidth, int groups, int dilation) {
  /** Number of {@link #arguments()}. */
  static final int ARGUMENTS = 5;

  /** A plain convolution with the same padding on all sides. */
  public static ConvSettings of(int stride, int padding) {
    return new ConvSettings(stride, padding, 1);
  }

  /** The same padding on all sides. */
  public ConvSettings(int stride, int padding, int groups) {
    this(stride, padding, padding, groups);
  }

  /** Taps side by side. */
  public ConvSettings(int stride, int paddingHeight, int paddingWidth, int groups) {
    this(stride, paddingHeight, paddingWidth, groups, 1);
  }

  /** A plain convolution with taps so far apart, and padding as wide as that. */
  public static ConvSettings dilated(int dilation) {
    return new ConvSettings(1, dilation, dilation, 1, dilation);
  }

  /** Checks the ranges. */
  public ConvSettings {
    if (stride < 1
        || paddingHeight < 0
        || paddingWidth < 0
        || groups < 1
        || dilation < 1
        || (dilation > 1 && (groups > 1 || stride > 1))) {
      throw new IllegalArgumentException(
          "no such convolution: stride %d, padding %d and %d, groups %d, dilation %d"
              .formatted(stride, paddingHeight, paddingWidth, groups, dilation));
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
    long reach = dilation * (kernel - 1) + 1;
    return padded < reach ? 0 : (padded - reach) / stride + 1;
  }

  /**
   * Shape of the output of {@code op} for {@code x: (B, C, H, W)} or {@code (B, C, L)}.
   *
   * @throws IllegalArgumentException if x and the weights do not fit together
   */
  long[] outputShape(ElapidOp op, long[] x, long[] w) {
    op.require(
        x.length == w.length && (x.length == 3 || x.length == 4),
        "ranks %d and %d",
        x.length,
        w.length);
    op.require(
        groups == 1 || groups == x[1],
        "%d groups of %d channels: only plain and depthwise",
        groups,
        x[1]);
    op.require(dilation == 1 || x.length == 4, "a dilated kernel on a sequence");
    op.require(
        w[1] == x[1] / groups && w[0] % groups == 0,
        "kernel %dx%d for %d channels",
        w[0],
        w[1],
        x[1]);
    long[] y = x.clone();
    y[1] = w[0];
    int last = x.length - 1;
    y[last] = outputWidth(x[last], w[last]);
    if (last == 3) {
      y[2] = outputHeight(x[2], w[2]);
    }
    op.require(
        ElapidOp.elements(y) > 0,
        "kernel %s is larger than the padded input %s",
        ElapidOp.shape(w),
        ElapidOp.shape(x));
    return y;
  }

  /** As integer arguments of an op. */
  long[] arguments() {
    return new long[] {stride, paddingHeight, paddingWidth, groups, dilation};
  }

  /** From an op whose integer arguments begin with {@link #arguments()}. */
  static ConvSettings of(ElapidOp op) {
    return new ConvSettings(
        op.attribute(0), op.attribute(1), op.attribute(2), op.attribute(3), op.attribute(4));
  }
}
