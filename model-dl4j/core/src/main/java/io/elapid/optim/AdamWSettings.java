package io.elapid.optim;

/**
 * Constants of {@link AdamW}.
 *
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root of the second moment, not negative
 * @param weightDecay decoupled decay, multiplied by the learning rate at every step, not negative
 */
public record AdamWSettings(double beta1, double beta2, double epsilon, double weightDecay) {
  public AdamWSettings {
    requireRate("beta1", beta1);
    requireRate("beta2", beta2);
    requireNotNegative("epsilon", epsilon);
    requireNotNegative("weightDecay", weightDecay);
  }

  /** The constants that all four published recipes share, with their usual decay of 0.05. */
  public static AdamWSettings published() {
    return new AdamWSettings(0.9, 0.999, 1e-8, 0.05);
  }

  public AdamWSettings withWeightDecay(double decay) {
    return new AdamWSettings(beta1, beta2, epsilon, decay);
  }

  private static void requireRate(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " must lie in [0, 1) but is " + value);
    }
  }

  private static void requireNotNegative(String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + " must not be negative but is " + value);
    }
  }
}
