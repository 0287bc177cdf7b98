package io.elapid.nn;

/** Rounding of channel counts. */
public final class Widths {
  private Widths() {}

  /**
   * The multiple of {@code divisor} nearest to {@code value}, halves up, at least {@code divisor}.
   */
  public static long divisible(double value, int divisor) {
    return Math.max(divisor, (long) ((value + divisor / 2.0) / divisor) * divisor);
  }
}
