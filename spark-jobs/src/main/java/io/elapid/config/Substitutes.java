package io.elapid.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigValue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes note of substitutions for which there is no key. HOCON passes over optional ones in
 * silence, so that {@code ${?LR}} would leave the default where the environment was meant.
 */
final class Substitutes implements ConfigResolver {
  private final Set<String> asked = new LinkedHashSet<>();

  @Override
  public ConfigValue lookup(String path) {
    asked.add(path);
    return null;
  }

  @Override
  public ConfigResolver withFallback(ConfigResolver fallback) {
    return this;
  }

  /** Those without a key; what {@code +=} adds to nothing has one, by then. */
  List<String> absent(Config resolved) {
    return asked.stream().filter(path -> !resolved.hasPathOrNull(path)).toList();
  }
}
