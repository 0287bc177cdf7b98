package io.elapid.kernel;

/**
 * The norms of a convolution with shortcuts (Wang et al., "RepViT: Revisiting Mobile CNN From ViT
 * Perspective", CVPR 2024): batch norm of the convolution's result, the convolution's input added
 * by a factor per channel, and batch norm of the sum.
 *
 * <p>{@code u} is the convolution's result, {@code x} its input; {@code u, x, y: (B, C, ...)}, all
 * others C values of any shape. With {@link BatchNormKernel}'s mean, variance and invStd of {@code
 * u} and of {@code s}:
 *
 * <pre>
 *   s = gamma1 (u - mean1) invStd1 + beta1 + (1 + weight) x + bias
 *   y = gamma2 (s - mean2) invStd2 + beta2
 * </pre>
 *
 * {@code s} is computed wherever it is needed and never stored.
 */
public interface ShortcutNormKernel {
  /** What is learnt: of the shortcut, the inner norm and the outer one. */
  record Parameters(
      Tensor weight,
      Tensor bias,
      Tensor innerGamma,
      Tensor innerBeta,
      Tensor outerGamma,
      Tensor outerBeta) {}

  /**
   * Of a norm, as outputs.
   *
   * @param variance unbiased, as in {@link BatchNormKernel.Train}
   */
  record Statistics(Tensor mean, Tensor variance, Tensor invStd) {}

  /** Arguments of {@link #forward}; outputs are {@code y} and the statistics. */
  record Forward(
      Tensor u,
      Tensor x,
      Parameters parameters,
      double eps,
      Tensor y,
      Statistics inner,
      Statistics outer) {}

  /** What {@link #forward} wrote about a norm. */
  record Saved(Tensor mean, Tensor invStd) {}

  /** Arguments of {@link #gradient}; outputs are {@code du}, {@code dx} and {@code gradients}. */
  record Gradient(
      Tensor dy,
      Tensor u,
      Tensor x,
      Parameters parameters,
      Saved inner,
      Saved outer,
      Tensor du,
      Tensor dx,
      Parameters gradients) {}

  /** Writes {@code y} and the statistics of both norms. */
  void forward(Forward a);

  /**
   * With {@code ds} the gradient of the outer norm in its input, see {@link
   * BatchNormKernel#trainGradient}: {@code dx = (1 + weight) ds}, {@code dweight = sum(ds x)},
   * {@code dbias = sum(ds)}, and {@code du} and the inner norm's gradients from {@code ds} as from
   * {@code dy}. {@code du} and {@code dx} may lie where {@code dy} and {@code u} do.
   */
  void gradient(Gradient a);
}
