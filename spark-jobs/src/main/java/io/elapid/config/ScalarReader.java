package io.elapid.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** Reads single values and reports those of the wrong type or outside of their range. */
final class ScalarReader {
  private static final int LONGEST_QUOTE = 60;
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  /** Sums of two such still are numbers of nanoseconds; a longer one would be no limit at all. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final Problems problems;

  ScalarReader(Problems problems) {
    this.problems = problems;
  }

  /** Reads a number, text, duration or enum constant; after a mistake the result is arbitrary. */
  Object read(Class<?> type, Interval bounds, ConfigValue value, String path) {
    if (type == int.class || type == Integer.class) {
      return (int) integer(value, path, bounds, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    if (type == long.class) {
      return integer(value, path, bounds, Long.MIN_VALUE, Long.MAX_VALUE);
    }
    if (type == double.class || type == Double.class) {
      return number(value, path, bounds);
    }
    if (type == Duration.class) {
      return duration(value, path);
    }
    return type.isEnum() ? constant(type, value, path) : string(value, path);
  }

  /** Stands in for a value that is missing; never leaves the loader. */
  Object placeholder(Class<?> type) {
    if (type == int.class) {
      return 0;
    }
    if (type == long.class) {
      return 0L;
    }
    if (type == double.class) {
      return 0.0;
    }
    if (type == Duration.class) {
      return Duration.ZERO;
    }
    if (type == List.class) {
      return List.of();
    }
    return type.isEnum() ? type.getEnumConstants()[0] : "";
  }

  String string(ConfigValue value, String path) {
    boolean scalar =
        value.valueType() == ConfigValueType.STRING || value.valueType() == ConfigValueType.NUMBER;
    // as it was written: 007 and 1.10 are names, not numbers
    String text = scalar ? value.atKey("v").getString("v") : "";
    if (text.isBlank()) {
      problems.add(value.origin(), path, expected("a text", value));
    }
    return text;
  }

  private long integer(ConfigValue value, String path, Interval bounds, long min, long max) {
    if (value.unwrapped() instanceof Integer || value.unwrapped() instanceof Long) {
      long number = ((Number) value.unwrapped()).longValue();
      if (number < min || number > max) {
        problems.add(value.origin(), path, expected("a number of at most " + max, value));
        return 0;
      }
      checkBounds((double) number, value, path, bounds);
      return number;
    }
    try {
      long number = Long.parseLong(String.valueOf(value.unwrapped()));
      return integer(
          ConfigValueFactory.fromAnyRef(number).withOrigin(value.origin()), path, bounds, min, max);
    } catch (NumberFormatException e) {
      problems.add(value.origin(), path, expected("an integer", value));
      return 0;
    }
  }

  private double number(ConfigValue value, String path, Interval bounds) {
    OptionalDouble parsed = parse(value);
    if (parsed.isEmpty()) {
      problems.add(value.origin(), path, expected("a number", value));
      return 0;
    }
    checkBounds(parsed.getAsDouble(), value, path, bounds);
    return parsed.getAsDouble();
  }

  private static OptionalDouble parse(ConfigValue value) {
    if (value.unwrapped() instanceof Number number) {
      return OptionalDouble.of(number.doubleValue());
    }
    String text = String.valueOf(value.unwrapped());
    // Java would read more: not-a-number, and 1d, which is no day
    if (!DECIMAL.matcher(text).matches()) {
      return OptionalDouble.empty();
    }
    double number = Double.parseDouble(text);
    return Double.isFinite(number) ? OptionalDouble.of(number) : OptionalDouble.empty();
  }

  private void checkBounds(double number, ConfigValue value, String path, Interval bounds) {
    if (bounds != null && !bounds.contains(number)) {
      problems.add(value.origin(), path, "must be " + bounds.describe() + ", got " + quote(value));
    }
  }

  private Duration duration(ConfigValue value, String path) {
    if (value.valueType() == ConfigValueType.STRING) {
      try {
        Duration duration = value.atKey("v").getDuration("v");
        boolean unit = !value.unwrapped().toString().matches("[\\s\\d.+-]*");
        if (unit && duration.compareTo(LONGEST) > 0) {
          problems.add(value.origin(), path, expected("a duration of at most 36500d", value));
          return Duration.ZERO;
        }
        if (unit && !duration.isNegative() && !duration.isZero()) {
          return duration;
        }
      } catch (ConfigException e) {
        // Reported below, in the same words as a number without a unit.
      }
    }
    problems.add(value.origin(), path, expected("a duration above zero such as 30s or 10m", value));
    return Duration.ZERO;
  }

  private Object constant(Class<?> type, ConfigValue value, String path) {
    List<Enum<?>> constants =
        Arrays.stream(type.getEnumConstants()).<Enum<?>>map(c -> (Enum<?>) c).toList();
    String text = String.valueOf(value.unwrapped());
    for (Enum<?> constant : constants) {
      if (Keys.of(constant).equals(text)) {
        return constant;
      }
    }
    List<String> names = constants.stream().map(Keys::of).toList();
    problems.add(
        value.origin(),
        path,
        expected("one of " + String.join(", ", names), value) + NearestKey.hint(text, names));
    return constants.get(0);
  }

  static String expected(String what, ConfigValue value) {
    return "expected " + what + ", got " + quote(value);
  }

  private static String quote(ConfigValue value) {
    String text = value.render(ConfigRenderOptions.concise());
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
  }
}
