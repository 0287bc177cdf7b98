package io.elapid.nn;

/** Rounding of channel counts. */
public final class Widths {
  private Widths() {}

  /**
   * The multiple of {@code divisor} nearest to {@code value}, halves up, at least {@code divisor}.
   */
  public static long divisible(double value, int divisor) {
    long multiples = (long) ((value + divisor / 2.0) / divisor);
    return Math.max(divisor, multiples * divisor);
  }
}
