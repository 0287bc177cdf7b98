package io.elapid.optim;

import io.elapid.kernel.OptimizerKernel;

/**
 * Clipping by the global L2 norm, as {@code torch.nn.utils.clip_grad_norm_}.
 *
 * <p>The norm is accumulated in double in a fixed order: the same gradients give the same norm, bit
 * for bit, wherever they are clipped.
 */
public final class GradientClip {
  // torch adds this to the norm, so that even a norm equal to the limit is scaled a little
  private static final double GUARD = 1e-6;

  private GradientClip() {}

  /** Root of the sum of squares over all elements; NaN or infinite if an element is. */
  public static double norm(OptimizerKernel kernel, FlatVector gradients) {
    return Math.sqrt(kernel.squares(gradients.tensor()));
  }

  /**
   * What to multiply gradients of norm {@code norm} with so that their norm stays below {@code
   * maxNorm}: {@code min(1, maxNorm / (norm + 1e-6))}; 1 if {@code maxNorm} is 0, which turns
   * clipping off.
   */
  public static double coefficient(double norm, double maxNorm) {
    if (maxNorm == 0) {
      return 1;
    }
    return Math.min(1, maxNorm / (norm + GUARD));
  }

  /** Multiplies in place; where an optimiser step follows, pass the coefficient to it instead. */
  public static void scale(OptimizerKernel kernel, FlatVector gradients, double coefficient) {
    kernel.scale(gradients.tensor(), coefficient, gradients.tensor());
  }
}
