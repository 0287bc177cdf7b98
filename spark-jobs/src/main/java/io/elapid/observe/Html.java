package io.elapid.observe;

import java.util.Locale;

/** Text on its way into a page. Whatever is not markup of our own goes through {@link #escape}. */
public final class Html {
  private Html() {}

  /** Markup of our own, which {@link #format} leaves as it is. */
  public record Raw(String markup) {
    @Override
    public String toString() {
      return markup;
    }
  }

  /** {@code text} as content of an element or of a quoted attribute. */
  public static String escape(String text) {
    StringBuilder safe = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        case '\'' -> safe.append("&#39;");
        default -> safe.append(c);
      }
    }
    return safe.toString();
  }

  /** As {@link String#format}, with every string argument escaped and numbers in the C locale. */
  public static String format(String markup, Object... arguments) {
    Object[] safe = arguments.clone();
    for (int i = 0; i < safe.length; i++) {
      if (safe[i] instanceof String text) {
        safe[i] = escape(text);
      }
    }
    return String.format(Locale.ROOT, markup, safe);
  }

  /** A share as a percentage with one decimal, a dash if it is not finite. */
  static String percent(double share) {
    return Double.isFinite(share) ? String.format(Locale.ROOT, "%.1f %%", 100 * share) : "\u2013";
  }

  /** A number with four significant digits at most, a dash if it is not finite. */
  static String number(double value) {
    return Double.isFinite(value) ? Axis.label(value, 4) : "\u2013";
  }
}
