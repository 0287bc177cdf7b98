package io.elapid.config;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.joining;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigOrigin;
import io.elapid.data.InputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Collects what is wrong with a recipe, so that the user reads all of it at once, in file order.
 */
final class Problems {
  private record Problem(boolean override, int line, String text) {}

  private final List<Problem> found = new ArrayList<>();
  private final Set<String> paths = new HashSet<>();

  /** Records a mistake of the value at {@code path}, whose origin gives file and line. */
  void add(ConfigOrigin origin, String path, String problem) {
    paths.add(path);
    String place = origin.description();
    String text = place + ": " + path + ": " + problem;
    found.add(new Problem(place.startsWith("-D "), origin.lineNumber(), text));
  }

  /** Records a mistake of a value that is there, looked up in the resolved recipe. */
  void add(Config recipe, String path, String problem) {
    add(recipe.getValue(path).origin(), path, problem);
  }

  /** Records a mistake that has no value: a syntax error, a malformed override. */
  void add(String problem) {
    found.add(new Problem(true, 0, problem));
  }

  /** Records a mistake unless something holds, or one of its values is wrong by itself. */
  void require(Config recipe, List<String> paths, BooleanSupplier holds, String problem) {
    if (paths.stream().noneMatch(this::mentions) && !holds.getAsBoolean()) {
      add(recipe, paths.get(0), problem);
    }
  }

  /** Whether something at or below the path has been found wrong already. */
  boolean mentions(String path) {
    return paths.stream()
        .anyMatch(p -> p.equals(path) || p.startsWith(path + ".") || p.startsWith(path + "["));
  }

  void throwIfAny() {
    if (!found.isEmpty()) {
      throw new InputException(
          found.stream()
              .sorted(comparing(Problem::override).thenComparing(Problem::line))
              .map(Problem::text)
              .collect(joining("\n")),
          "Correct the recipe or the -D overrides; conf/base.conf documents every key");
    }
  }
}
