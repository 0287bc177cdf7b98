package io.elapid.kernel;

/**
 * One level of the Haar wavelet transform of every channel (He et al., "MobileMamba", CVPR 2025).
 *
 * <p>{@code x: (B, C, H, W)}, {@code y: (B, 4 C, ceil(H / 2), ceil(W / 2))}. A 2x2 neighbourhood
 * {@code a b / c d} of channel c becomes, in the channels 4 c to 4 c + 3,
 *
 * <pre>
 *   s (a + b + c + d)   s (a + b - c - d)   s (a - b + c - d)   s (a - b - c + d)
 * </pre>
 *
 * Beyond an odd height or width, x is zero. The matrix is symmetric and nearly its own inverse, so
 * each transform is the other's gradient.
 */
public interface HaarKernel {
  /**
   * The factor s: the float product of two floats {@code 1 / sqrt(2)}, one step below 0.5, as the
   * published networks have it; in double too.
   */
  float SCALE = 0x1.fffffep-2f;

  /** Writes {@code y}. */
  void forward(Tensor x, Tensor y);

  /** Writes {@code x}, which y's even sizes exceed by at most one row and one column. */
  void inverse(Tensor y, Tensor x);
}
