package io.elapid.graph;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Names of tensors: the whole name, where {@code *} stands for any characters, dots included.
 *
 * @param text such as {@code stages.0.*} or {@code *.bias}
 */
public record NamePattern(String text) {

  /** Whether the whole of {@code name} fits. */
  public boolean matches(String name) {
    return Pattern.matches(expression(), name);
  }

  private String expression() {
    return Stream.of(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
  }

  @Override
  public String toString() {
    return text;
  }
}
