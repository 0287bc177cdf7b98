package io.elapid.kernel;

import java.util.Optional;

/**
 * Norms and shortcuts as parts of the convolution before them, in networks that answer. Everything
 * is per channel, C of them.
 */
public interface FoldingKernel {
  /**
   * Arguments of {@link #norm}, (C) each; outputs are {@code scale} and {@code shift}.
   *
   * @param bias of the layer before, 0 where absent
   */
  record Norm(
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor variance,
      Optional<Tensor> bias,
      double eps,
      Tensor scale,
      Tensor shift) {}

  /**
   * Arguments of {@link #shortcut}; outputs are {@code kernel}, shaped as {@code w: (C, 1, kH,
   * kW)}, and {@code shift: (C)}, as are all others.
   *
   * @param bias behind the shortcut, 0 where absent
   */
  record Shortcut(
      Tensor w,
      Tensor innerScale,
      Tensor innerShift,
      Tensor factor,
      double offset,
      Optional<Tensor> bias,
      Tensor outerScale,
      Tensor outerShift,
      Tensor kernel,
      Tensor shift) {}

  /**
   * A batch norm by running statistics as an affine map: {@code scale = gamma / sqrt(variance +
   * eps)}, {@code shift = beta + (bias - mean) scale}.
   */
  void norm(Norm a);

  /**
   * A depthwise convolution with a norm, a shortcut and the norm behind their sum: {@code kernel =
   * innerScale w + (factor + offset) at the middle tap}, {@code shift = outerScale (innerShift +
   * bias) + outerShift}; {@code outerScale} is left to the convolution.
   */
  void shortcut(Shortcut a);
}
