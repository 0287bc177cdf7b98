package io.elapid.config;

/** A numeric interval, parsed from {@link Bounds}. */
record Interval(double low, boolean lowOpen, double high, boolean highOpen, String text) {

  static Interval parse(String text) {
    int comma = text.indexOf(',');
    return new Interval(
        bound(text.substring(1, comma)),
        text.charAt(0) == '(',
        bound(text.substring(comma + 1, text.length() - 1)),
        text.charAt(text.length() - 1) == ')',
        text);
  }

  private static double bound(String text) {
    String trimmed = text.trim();
    return trimmed.equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(trimmed);
  }

  boolean contains(double value) {
    boolean above = lowOpen ? value > low : value >= low;
    boolean below = highOpen ? value < high : value <= high;
    return above && below;
  }

  /** In words: "at least 1", "between 0 (inclusive) and 1 (exclusive)". */
  String describe() {
    if (Double.isInfinite(high)) {
      return (lowOpen ? "greater than " : "at least ") + number(low);
    }
    return "in " + text;
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
