package io.elapid.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FirstUsesTest {
  private static final Path SOURCES = Path.of("src/main/java/io/elapid/backend/cpu");

  /** Operators by name, but for those of comparisons, which stand for themselves. */
  private static final Pattern OPERATOR =
      Pattern.compile("VectorOperators\\.(?!(?:LT|LE|GT|GE|EQ|NE)\\b)([A-Z_\\d]+)");

  @Test
  void everyOperatorThatKernelsNameIsUsedOnceBefore() throws IOException {
    Set<String> used = operators(SOURCES.resolve("FirstUses.java"));
    Set<String> named = new TreeSet<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        named.addAll(operators(file));
      }
    }
    assertThat(used).isEqualTo(named).contains("FMA");
  }

  private static Set<String> operators(Path file) throws IOException {
    Matcher matcher = OPERATOR.matcher(Files.readString(file));
    Set<String> found = new TreeSet<>();
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
