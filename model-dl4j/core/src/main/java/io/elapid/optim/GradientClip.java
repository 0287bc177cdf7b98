package io.elapid.optim;

import io.elapid.kernel.OptimizerKernel;
import java.util.List;

/**
 * Clipping by the global L2 norm, as {@code torch.nn.utils.clip_grad_norm_}, and unit by unit, as
 * timm's {@code adaptive_clip_grad}.
 *
 * <p>The norm is accumulated in double in a fixed order: the same gradients give the same norm, bit
 * for bit, wherever they are clipped.
 */
public final class GradientClip {
  // torch adds this to the norm, so that even a norm equal to the limit is scaled a little
  private static final double GUARD = 1e-6;

  /** Least norm that adaptive clipping takes a unit's weights to have. */
  private static final double FLOOR = 1e-3;

  private GradientClip() {}

  /**
   * What gradients are limited to.
   *
   * @param norm largest global norm; 0 for any
   * @param adaptive largest norm of a unit's gradient over that of its weights; 0 for any
   */
  public record Limits(double norm, double adaptive) {
    /** Checks that neither is negative. */
    public Limits {
      if (!(norm >= 0) || !(adaptive >= 0)) {
        throw new IllegalArgumentException(
            "not limits: norm %s, adaptive %s".formatted(norm, adaptive));
      }
    }

    /** A limit on the global norm alone. */
    public static Limits norm(double norm) {
      return new Limits(norm, 0);
    }
  }

  /**
   * Clips unit by unit in place: each row of a tensor of rank 2 and more, vectors as a whole.
   *
   * @param factor largest norm of a unit's gradient over that of its weights
   * @param gradientScale factor that the gradients still lack
   */
  public static void adapt(
      OptimizerKernel kernel,
      FlatVector parameters,
      FlatVector gradients,
      List<OptimizerKernel.Units> units,
      double factor,
      double gradientScale) {
    FlatVector.requireAlike(parameters, gradients);
    kernel.clipUnits(
        parameters.tensor(),
        gradients.tensor(),
        units,
        new OptimizerKernel.UnitClip(gradientScale, factor, FLOOR));
  }

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
