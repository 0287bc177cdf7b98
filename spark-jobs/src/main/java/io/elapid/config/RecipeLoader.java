package io.elapid.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.elapid.kernel.KernelChoice;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads recipes: overrides over the recipe over {@code conf/base.conf}. Every mistake of recipe and
 * overrides is reported in one {@link io.elapid.data.InputException}, a line each: {@code
 * quickstart.conf: 12: optimizer.lr: unknown key, did you mean schedule.learning-rate?}
 */
public final class RecipeLoader {
  private static final List<String> KNOWN = Keys.leaves(Recipe.class);
  private static final Set<String> SECTIONS = Set.copyOf(Keys.sections(Recipe.class));

  private final Problems problems = new Problems();
  private final Substitutes substitutes = new Substitutes();

  private RecipeLoader() {}

  /**
   * Loads a recipe from a local file ({@code path/to/recipe.conf}, {@code file:/...}) or, where no
   * such file exists, the bundled recipe of that name ({@code quickstart}).
   *
   * @param overrides {@code key=value} each; the last one of a key wins
   */
  public static Recipe load(String pathOrName, List<String> overrides) {
    RecipeFiles.Source source = RecipeFiles.find(pathOrName);
    return parse(source.origin(), source.text(), overrides);
  }

  /** The text of the bundled recipe of that name; empty if there is none. */
  public static Optional<String> bundled(String name) {
    return RecipeFiles.bundled().contains(name)
        ? Optional.of(RecipeFiles.find(name).text())
        : Optional.empty();
  }

  /** A value as an override's text: paths may hold characters that mean something there. */
  public static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /**
   * Reads a recipe from text, for recipes that lie where only the caller can read.
   *
   * @param origin what messages call the text: its file name
   */
  public static Recipe parse(String origin, String text, List<String> overrides) {
    return new RecipeLoader().read(origin, text, overrides);
  }

  private Recipe read(String origin, String text, List<String> overrides) {
    Config base = madeFor(KernelChoice.ofStart(), parseText("base.conf", RecipeFiles.base()));
    Config user = overrides(overrides).withFallback(parseText(origin, text));
    problems.throwIfAny();
    Config resolved =
        completed(resolve(user.withFallback(nameOf(origin)).withFallback(base)), base);
    substitutes.absent(resolved).forEach(path -> reportAbsent(path, origin, text));
    reportUnknown(resolved.root(), "");
    Recipe recipe = new RecordReader(problems).read(Recipe.class, resolved.root(), "");
    RecipeRules.check(recipe, resolved, problems);
    problems.throwIfAny();
    return recipe;
  }

  /** A distribution for GPUs has every rank compute on one, unless told to compute elsewhere. */
  private static Config madeFor(KernelChoice kernels, Config base) {
    return kernels.required()
        ? ConfigValueFactory.fromAnyRef(1, "the distribution for " + kernels.name())
            .atPath("cluster.gpus-per-rank")
            .withFallback(base)
        : base;
  }

  private Config parseText(String origin, String text) {
    try {
      return ConfigFactory.parseString(
          text,
          ConfigParseOptions.defaults()
              .setSyntax(ConfigSyntax.CONF)
              .setOriginDescription(origin)
              .setIncluder(new NoIncludes()));
    } catch (ConfigException e) {
      problems.add(firstLine(e));
      return ConfigFactory.empty();
    }
  }

  private Config overrides(List<String> overrides) {
    Config all = ConfigFactory.empty();
    for (String override : overrides) {
      all = override(override).withFallback(all);
    }
    return all;
  }

  /** A value that starts like a list, object or quoted text is HOCON, any other is taken as is. */
  private Config override(String text) {
    String origin = "-D " + text;
    int equals = text.indexOf('=');
    if (equals < 1) {
      problems.add(origin + ": expected key=value");
      return ConfigFactory.empty();
    }
    String key = text.substring(0, equals).trim();
    String value = text.substring(equals + 1).trim();
    try {
      ConfigUtil.splitPath(key);
    } catch (ConfigException e) {
      problems.add(origin + ": not a key: " + key);
      return ConfigFactory.empty();
    }
    if (value.matches("(?s)[\\[{\"].*") || value.equals("null")) {
      return parseText(origin, key + " = " + value);
    }
    return ConfigValueFactory.fromAnyRef(value, origin).atPath(key);
  }

  /** Recipes mean the same everywhere, so neither environment nor system properties come in. */
  private Config resolve(Config merged) {
    try {
      return merged.resolve(ConfigResolveOptions.noSystem().appendResolver(substitutes));
    } catch (ConfigException e) {
      problems.add(firstLine(e));
      problems.throwIfAny();
      throw e;
    }
  }

  private void reportAbsent(String path, String origin, String text) {
    String written = "${?" + path + "}";
    List<String> lines = text.lines().toList();
    String place =
        IntStream.range(0, lines.size())
            .filter(line -> lines.get(line).contains(written))
            .mapToObj(line -> origin + ": " + (line + 1))
            .findFirst()
            .orElse(origin);
    problems.add(
        "%s: %s: a recipe has no such key, and does not read the environment: write the value, or pass it by -D"
            .formatted(place, written));
  }

  /** Where a plain value replaced a section, reports that and puts the defaults back. */
  private Config completed(Config resolved, Config base) {
    Config result = resolved;
    for (String section : Keys.sections(Recipe.class)) {
      ConfigValue value = result.root().get(section);
      if (!(value instanceof ConfigObject)) {
        problems.add(value.origin(), section, ScalarReader.expected("a section { ... }", value));
        result = result.withoutPath(section).withFallback(base).resolve();
      }
    }
    return result;
  }

  private void reportUnknown(ConfigObject object, String parent) {
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      String path = Keys.join(parent, entry.getKey());
      boolean known = KNOWN.contains(path);
      if (entry.getKey().contains(".") && isKey(path)) {
        problems.add(
            entry.getValue().origin(),
            path,
            "in quotes this is one name with dots in it, which no key has: write it without quotes");
      } else if (!known
          && entry.getValue() instanceof ConfigObject nested
          && !isEmptyUnknown(nested, path)) {
        reportUnknown(nested, path);
      } else if (!known) {
        problems.add(entry.getValue().origin(), path, "unknown key" + NearestKey.hint(path, KNOWN));
      }
    }
  }

  /** Of a value or a section, wherever it nests. */
  private static boolean isKey(String path) {
    return KNOWN.stream().anyMatch(key -> key.equals(path) || key.startsWith(path + "."));
  }

  private static boolean isEmptyUnknown(ConfigObject object, String path) {
    return object.isEmpty() && !SECTIONS.contains(path);
  }

  /** A recipe without a name is called like its file. */
  private static Config nameOf(String origin) {
    String file = origin.substring(origin.lastIndexOf('/') + 1);
    String name = file.endsWith(".conf") ? file.substring(0, file.length() - 5) : file;
    return ConfigValueFactory.fromAnyRef(name.isBlank() ? "recipe" : name, origin).atPath("name");
  }

  private static String firstLine(ConfigException e) {
    return e.getMessage().lines().findFirst().orElse("unreadable");
  }
}
