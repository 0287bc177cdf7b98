package io.elapid.config;

import com.typesafe.config.ConfigUtil;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Writes records as HOCON, keys in declared order, one per line. */
final class RecordRenderer {
  private final StringBuilder out = new StringBuilder();

  private RecordRenderer() {}

  static String render(Record recipe) {
    RecordRenderer renderer = new RecordRenderer();
    renderer.section(recipe, "");
    return renderer.out.toString();
  }

  /** The record's values as HOCON by full key, keys in declared order. */
  static Map<String, String> leaves(Record recipe) {
    Map<String, String> leaves = new LinkedHashMap<>();
    leaves(recipe, "", leaves);
    return leaves;
  }

  private static void leaves(Record record, String parent, Map<String, String> leaves) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(record, component);
      String key = Keys.join(parent, Keys.of(component));
      if (value instanceof Record nested) {
        leaves(nested, key, leaves);
      } else if (value instanceof List<?> list) {
        leaves.put(key, list.stream().map(RecordRenderer::scalar).collect(Collectors.joining(" ")));
      } else {
        leaves.put(key, scalar(value));
      }
    }
  }

  private void section(Record record, String indent) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(record, component);
      out.append(indent).append(Keys.of(component));
      if (value instanceof Record nested) {
        out.append(" {\n");
        section(nested, indent + "  ");
        out.append(indent).append("}\n");
      } else if (value instanceof List<?> list
          && list.stream().anyMatch(Record.class::isInstance)) {
        out.append(" = [\n");
        list.forEach(item -> out.append(indent).append("  ").append(scalar(item)).append('\n'));
        out.append(indent).append("]\n");
      } else {
        out.append(" = ").append(scalar(value)).append('\n');
      }
    }
  }

  private static String scalar(Object value) {
    if (value instanceof Optional<?> optional) {
      return optional.map(RecordRenderer::scalar).orElse("null");
    }
    if (value instanceof OptionalDouble number) {
      return number.isPresent() ? Double.toString(number.getAsDouble()) : "null";
    }
    if (value instanceof String text) {
      return ConfigUtil.quoteString(text);
    }
    if (value instanceof Duration duration) {
      return duration(duration);
    }
    if (value instanceof Enum<?> constant) {
      return Keys.of(constant);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(RecordRenderer::scalar).collect(Collectors.joining(", ", "[", "]"));
    }
    return value instanceof Record record ? inline(record) : value.toString();
  }

  /** A list element: {@code { type = horizontal-flip, probability = 0.5 }}. */
  private static String inline(Record record) {
    List<String> fields = new ArrayList<>();
    if (Arrays.stream(record.getClass().getInterfaces()).anyMatch(Class::isSealed)) {
      fields.add("type = " + Keys.of(record.getClass()));
    }
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      fields.add(Keys.of(component) + " = " + scalar(value(record, component)));
    }
    return fields.stream().collect(Collectors.joining(", ", "{ ", " }"));
  }

  private static String duration(Duration duration) {
    if (duration.equals(Duration.ofSeconds(duration.toSeconds()))) {
      return duration.toSeconds() + "s";
    }
    return duration.equals(Duration.ofMillis(duration.toMillis()))
        ? duration.toMillis() + "ms"
        : duration.toNanos() + "ns";
  }

  private static Object value(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }
}
