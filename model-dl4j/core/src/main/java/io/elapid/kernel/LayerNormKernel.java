package io.elapid.kernel;

/**
 * Layer normalisation over the channels of each position (Ba et al., "Layer Normalization", 2016).
 *
 * <p>{@code x, y, dy, dx: (B, C, ...)}; {@code weight, bias} and their gradients hold C values in
 * any shape; {@code mean, invStd: (B, L)} with L the product of the dimensions from 2 on. Biased
 * variance.
 */
public interface LayerNormKernel {
  /**
   * Arguments of {@link #forward}; outputs are {@code y} and, saved for the gradient, {@code mean}
   * and {@code invStd}.
   */
  record Forward(
      Tensor x, Tensor weight, Tensor bias, double eps, Tensor y, Tensor mean, Tensor invStd) {}

  /** Arguments of {@link #gradient}; outputs are {@code dx}, {@code dweight}, {@code dbias}. */
  record Gradient(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor mean,
      Tensor invStd,
      Tensor dx,
      Tensor dweight,
      Tensor dbias) {}

  /** {@code y = weight * (x - mean) * invStd + bias}. */
  void forward(Forward a);

  /**
   * With {@code xhat = (x - mean) * invStd} and {@code g = weight * dy}: {@code dx = invStd * (g -
   * mean_c(g) - xhat * mean_c(g * xhat))}; {@code dweight = sum(dy * xhat)} and {@code dbias =
   * sum(dy)} over batch and positions.
   */
  void gradient(Gradient a);
}
