package io.elapid.cli;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of every command that follows a recipe. */
final class RecipeOptions {
  @Option(
      names = "--recipe",
      required = true,
      paramLabel = "FILE|NAME",
      description = "a recipe file, or the name of one in conf/recipes")
  private String recipe;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "overrides a key of the recipe; may be repeated")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--data", paramLabel = "PATH", description = "short for -D data.path=PATH")
  private String data;

  @Option(names = "--output", paramLabel = "PATH", description = "short for -D output=PATH")
  private String output;

  @Option(names = "--ranks", paramLabel = "N", description = "short for -D cluster.ranks=N")
  private Integer ranks;

  Recipe load() {
    return load(List.of());
  }

  /** The recipe, with what a command's own options change. */
  Recipe load(List<String> more) {
    List<String> all = overrides(overrides, data, output, ranks);
    all.addAll(overrides.size(), more);
    return RecipeLoader.load(recipe, all);
  }

  /** Overrides, and after them what short options stand for; those may be null. */
  static List<String> overrides(List<String> keys, String data, String output, Integer ranks) {
    List<String> all = new ArrayList<>(keys);
    if (data != null) {
      all.add("data.path=" + RecipeLoader.quoted(data));
    }
    if (output != null) {
      all.add("output=" + RecipeLoader.quoted(output));
    }
    if (ranks != null) {
      all.add("cluster.ranks=" + ranks);
    }
    return all;
  }
}
