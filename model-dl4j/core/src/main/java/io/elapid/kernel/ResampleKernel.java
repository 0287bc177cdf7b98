package io.elapid.kernel;

/**
 * Maps of another size: {@code x: (B, C, H, W)} to {@code y: (B, C, H', W')}, by the same rule
 * along rows and columns.
 */
public interface ResampleKernel {
  /** Writes {@code y}. */
  void forward(Tensor x, Resampling rule, Tensor y);

  /** Gradient of {@link #forward}: adds up in every pixel of x what it gave to y. */
  void gradient(Tensor dy, Resampling rule, Tensor dx);
}
