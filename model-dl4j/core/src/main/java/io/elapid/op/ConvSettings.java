package io.elapid.op;

/**
 * Geometry of a convolution, the same along every spatial dimension.
 *
 * @param stride step, at least 1
 * @param padding zeros added on either side
 * @param groups 1, or the number of input channels (depthwise)
 */
public record ConvSettings(int stride, int padding, int groups) {
  /** A plain convolution. */
  public static ConvSettings of(int stride, int padding) {
    return new ConvSettings(stride, padding, 1);
  }

  /** Checks the ranges. */
  public ConvSettings {
    if (stride < 1 || padding < 0 || groups < 1) {
      throw new IllegalArgumentException(
          "no such convolution: stride " + stride + ", padding " + padding + ", groups " + groups);
    }
  }

  /**
   * Output length along a dimension of length {@code in} under a kernel of length {@code kernel}.
   */
  long outputLength(long in, long kernel) {
    return (in + 2L * padding - kernel) / stride + 1;
  }
}
