package io.elapid.config;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Names of keys, derived from the records of {@link Recipe}. */
final class Keys {
  private Keys() {}

  /** {@code learningRate} to {@code learning-rate}. */
  static String of(RecordComponent component) {
    return kebab(component.getName());
  }

  /** {@code RandomResizedCrop} to {@code random-resized-crop}. */
  static String of(Class<?> type) {
    return kebab(type.getSimpleName());
  }

  /** {@code ALL_REDUCE} to {@code all-reduce}. */
  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String kebab(String camel) {
    return camel.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  static String join(String parent, String key) {
    return parent.isEmpty() ? key : parent + "." + key;
  }

  /** Paths of all values below a record type, sections excluded, in declared order. */
  static List<String> leaves(Class<?> record) {
    return leaves(record, "").toList();
  }

  private static Stream<String> leaves(Class<?> record, String parent) {
    return Arrays.stream(record.getRecordComponents())
        .flatMap(
            c -> {
              String path = join(parent, of(c));
              return c.getType().isRecord() ? leaves(c.getType(), path) : Stream.of(path);
            });
  }

  /** Names of the sections of a record type. */
  static List<String> sections(Class<?> record) {
    return Arrays.stream(record.getRecordComponents())
        .filter(component -> component.getType().isRecord())
        .map(Keys::of)
        .toList();
  }
}
