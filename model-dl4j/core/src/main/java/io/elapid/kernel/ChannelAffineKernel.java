package io.elapid.kernel;

import java.util.Optional;

/**
 * A factor and a shift per channel, and a residual: {@code y = x (offset + scale[c]) + bias[c] +
 * residual}.
 *
 * <p>{@code x, residual, y: (B, C, ...)}; {@code scale, bias}: C values of any shape.
 */
public interface ChannelAffineKernel {
  /** Arguments of {@link #forward}; output is {@code y}. */
  record Forward(
      Tensor x,
      Tensor scale,
      double offset,
      Optional<Tensor> bias,
      Optional<Tensor> residual,
      Tensor y) {}

  /** Arguments of {@link #gradient}: outputs are {@code dx}, {@code dscale}, {@code dbias}. */
  record Gradient(
      Tensor dy,
      Tensor x,
      Tensor scale,
      double offset,
      Tensor dx,
      Tensor dscale,
      Optional<Tensor> dbias) {}

  /** Writes {@code y}, which may be {@code x} or the residual. */
  void forward(Forward a);

  /**
   * {@code dx = dy (offset + scale[c])}, {@code dscale = sum(dy x)}, {@code dbias = sum(dy)}; the
   * residual's gradient is dy itself.
   */
  void gradient(Gradient a);
}
