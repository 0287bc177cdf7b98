package io.elapid.data.augment;

/** Argument checks shared by the transforms. */
final class Checks {
  private Checks() {}

  static void positive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be positive, not " + value);
    }
  }

  static void probability(double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("probability must be in 0..1, not " + value);
    }
  }

  static void ordered(String name, double low, double high) {
    if (!(low > 0) || !(high >= low) || Double.isInfinite(high)) {
      throw new IllegalArgumentException(
          name + " must be a range of positive numbers, not " + low + " to " + high);
    }
  }
}
