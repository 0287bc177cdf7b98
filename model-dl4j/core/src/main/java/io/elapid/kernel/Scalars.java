package io.elapid.kernel;

/** Scalar functions in double precision that the reference kernels share. */
final class Scalars {
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

  private Scalars() {}

  static double sigmoid(double x) {
    if (x >= 0) {
      return 1 / (1 + Math.exp(-x));
    }
    double e = Math.exp(x);
    return e / (1 + e);
  }

  static double silu(double x) {
    return x * sigmoid(x);
  }

  static double siluDerivative(double x) {
    double s = sigmoid(x);
    return s * (1 + x * (1 - s));
  }

  static double gelu(double x) {
    return x * normalCdf(x);
  }

  static double geluDerivative(double x) {
    return normalCdf(x) + x * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  }

  /** {@code ln(1 + e^x)}, and {@code x} above 20. */
  static double softplus(double x) {
    return x > 20 ? x : Math.log1p(Math.exp(x));
  }

  static double relu(double x) {
    return x < 0 ? 0 : x;
  }

  /** {@code gradient} where the output {@code y} of a ReLU is positive (or NaN), else 0. */
  static double reluGradient(double y, double gradient) {
    return y <= 0 ? 0 : gradient;
  }

  /** Phi(x), with small relative error in the left tail too. */
  static double normalCdf(double x) {
    double z = Math.abs(x) / Math.sqrt(2);
    if (z < 2.5) {
      return 0.5 + Math.copySign(0.5 * erfSeries(z), x);
    }
    double tail = 0.5 * erfcFraction(z);
    return x < 0 ? tail : 1 - tail;
  }

  /**
   * {@code erf(z) = 2/sqrt(pi) exp(-z^2) sum 2^n z^(2n+1) / (2n+1)!!}: all terms positive, no
   * cancellation.
   */
  private static double erfSeries(double z) {
    double term = z;
    double sum = z;
    for (int n = 1; term > sum * 1e-17; n++) {
      term *= 2 * z * z / (2 * n + 1);
      sum += term;
    }
    return TWO_OVER_SQRT_PI * Math.exp(-z * z) * sum;
  }

  /**
   * Laplace's continued fraction {@code erfc(z) = exp(-z^2)/sqrt(pi) / (z + (1/2)/(z + 1/(z +
   * (3/2)/(z + ...))))}.
   */
  private static double erfcFraction(double z) {
    double f = z;
    for (int k = 120; k >= 1; k--) {
      f = z + 0.5 * k / f;
    }
    return Math.exp(-z * z) / Math.sqrt(Math.PI) / f;
  }
}
