package io.elapid.kernel;

/**
 * One level of a Laplace pyramid (Ma et al., "TinyViM", ICCV 2025): maps are split into a pooled
 * one and what pooling loses, and put together again.
 *
 * <p>{@code low: (B, C, H / p, W / p)}; {@code x, y, residual: (B, C, H, W)}; the factor p follows
 * from the shapes.
 */
public interface LaplaceKernel {
  /** {@code low = mean over p x p}, {@code residual = x - low}, each low pixel repeated p x p. */
  void split(Tensor x, Tensor low, Tensor residual);

  /** {@code dx = dresidual + (dlow / p^2 - mean of dresidual over p x p)}, repeated p x p. */
  void splitGradient(Tensor dlow, Tensor dresidual, Tensor dx);

  /**
   * {@code y = residual + } low interpolated bilinearly: row o of y lies at row {@code (o + 0.5) /
   * p - 0.5} of low, not below 0 nor above the last; columns likewise.
   */
  void merge(Tensor low, Tensor residual, Tensor y);

  /** Gradient of {@link #merge} in {@code low}; that in the residual is dy itself. */
  void mergeGradient(Tensor dy, Tensor dlow);
}
