package io.elapid.observe;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A linear scale from values to pixels, with marks at round numbers.
 *
 * @param low value at {@code from}
 * @param high value at {@code to}, greater than {@code low}
 */
public record Axis(double low, double high, double from, double to) {
  private static final double[] ROUND = {1, 2, 5, 10};
  private static final double GROUPED = 10_000;

  /**
   * An axis whose ends are round and enclose {@code low} and {@code high}; one value stands in its
   * middle.
   */
  public static Axis around(double low, double high, double from, double to, int marks) {
    double spread = high > low ? 0 : Math.abs(low) / 2;
    double bottom = low - spread;
    double top = Math.max(high + spread, bottom + 1e-9);
    double step = step(top - bottom, marks);
    return new Axis(
        Math.floor(bottom / step + 1e-9) * step, Math.ceil(top / step - 1e-9) * step, from, to);
  }

  public double pixel(double value) {
    return from + (value - low) / (high - low) * (to - from);
  }

  /** About {@code count} round values within the axis. */
  public List<Double> marks(int count) {
    double step = step(high - low, count);
    List<Double> marks = new ArrayList<>();
    long first = (long) Math.ceil(low / step - 1e-9);
    long last = (long) Math.floor(high / step + 1e-9);
    for (long i = first; i <= last; i++) {
      marks.add(i * step);
    }
    return marks;
  }

  /** A number without the noise of binary fractions. */
  public static String label(double value) {
    return label(value, 6);
  }

  /** A number rounded to so many significant digits. */
  public static String label(double value, int digitCount) {
    if (value == 0) {
      return "0";
    }
    BigDecimal exact =
        new BigDecimal(value).round(new MathContext(digitCount)).stripTrailingZeros();
    double size = Math.abs(value);
    if (size >= 1e7 || size < 1e-4) {
      String text = exact.unscaledValue().toString();
      int exponent = exact.precision() - exact.scale() - 1;
      String digits = text.startsWith("-") ? text.substring(1) : text;
      String mantissa =
          digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
      return (value < 0 ? "-" : "") + mantissa + "e" + exponent;
    }
    return size >= GROUPED
        ? String.format(Locale.ROOT, "%,d", Math.round(value))
        : exact.toPlainString();
  }

  private static double step(double span, int marks) {
    double rough = span / Math.max(1, marks);
    double magnitude = Math.pow(10, Math.floor(Math.log10(rough)));
    for (double round : ROUND) {
      if (round * magnitude >= rough * (1 - 1e-9)) {
        return round * magnitude;
      }
    }
    return 10 * magnitude;
  }
}
