package io.elapid.data.augment;

import io.elapid.data.SplitMix;

/** Random numbers of other shapes than uniform, the same on every machine. */
final class Draws {
  private Draws() {}

  /** Mean 0, variance 1: Marsaglia's polar method. */
  static double normal(SplitMix random) {
    while (true) {
      double u = random.uniform(-1, 1);
      double v = random.uniform(-1, 1);
      double s = u * u + v * v;
      if (s > 0 && s < 1) {
        return u * Math.sqrt(-2 * StrictMath.log(s) / s);
      }
    }
  }

  /** Beta(a, a), as the share of one of two gamma variables. */
  static double beta(double a, SplitMix random) {
    double x = gamma(a, random);
    double y = gamma(a, random);
    // two that a double takes for 0 are hardly ever of one size: either is the whole of the sum
    return x + y > 0 ? x / (x + y) : random.nextInt(2);
  }

  /** Marsaglia and Tsang 2000; below 1 by way of a + 1. */
  private static double gamma(double a, SplitMix random) {
    if (a < 1) {
      double boost = StrictMath.pow(1 - random.nextDouble(), 1 / a);
      return gamma(a + 1, random) * boost;
    }
    double d = a - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = normal(random);
      double v = 1 + c * x;
      double u = 1 - random.nextDouble();
      if (v > 0) {
        v = v * v * v;
        if (StrictMath.log(u) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
          return d * v;
        }
      }
    }
  }
}
