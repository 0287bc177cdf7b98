package io.elapid.optim;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;

/**
 * Clipping by the global L2 norm, as {@code torch.nn.utils.clip_grad_norm_}.
 *
 * <p>The norm is accumulated in double in a fixed order: the same gradients give the same norm, bit
 * for bit, wherever they are clipped.
 */
public final class GradientClip {
  // torch adds this to the norm, so that even a norm equal to the limit is scaled a little
  private static final double GUARD = 1e-6;
  private static final int LANES = 4;

  private GradientClip() {}

  /** Root of the sum of squares over all elements; NaN or infinite if an element is. */
  public static double norm(FlatVector gradients) {
    double sum =
        gradients instanceof FlatVector.Floats floats
            ? squares(floats.values())
            : squares(((FlatVector.Doubles) gradients).values());
    return Math.sqrt(sum);
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
  public static void scale(FlatVector gradients, double coefficient) {
    if (gradients instanceof FlatVector.Floats floats) {
      scale(floats.values(), (float) coefficient);
    } else {
      scale(((FlatVector.Doubles) gradients).values(), coefficient);
    }
  }

  // four independent sums: one alone would wait for each addition to finish
  private static double squares(FloatBuffer g) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int whole = g.limit() - g.limit() % LANES;
    for (int i = 0; i < whole; i += LANES) {
      double a = g.get(i);
      double b = g.get(i + 1);
      double c = g.get(i + 2);
      double d = g.get(i + 3);
      s0 += a * a;
      s1 += b * b;
      s2 += c * c;
      s3 += d * d;
    }
    for (int i = whole; i < g.limit(); i++) {
      s0 += (double) g.get(i) * g.get(i);
    }
    return (s0 + s1) + (s2 + s3);
  }

  private static double squares(DoubleBuffer g) {
    double sum = 0;
    for (int i = 0; i < g.limit(); i++) {
      sum += g.get(i) * g.get(i);
    }
    return sum;
  }

  private static void scale(FloatBuffer g, float coefficient) {
    for (int i = 0; i < g.limit(); i++) {
      g.put(i, g.get(i) * coefficient);
    }
  }

  private static void scale(DoubleBuffer g, double coefficient) {
    for (int i = 0; i < g.limit(); i++) {
      g.put(i, g.get(i) * coefficient);
    }
  }
}
