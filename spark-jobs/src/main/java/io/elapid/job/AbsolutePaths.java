package io.elapid.job;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Makes paths mean the same in every process: executors work in folders of their own. */
final class AbsolutePaths {
  private AbsolutePaths() {}

  /** The recipe with every path as this process understands it. */
  static Recipe of(Recipe recipe, Configuration hadoop) {
    List<String> paths = new ArrayList<>();
    add(paths, "data.path", recipe.data().path(), hadoop);
    add(paths, "output", recipe.output(), hadoop);
    add(paths, "model.weights", recipe.model().weights(), hadoop);
    add(paths, "distillation.teacher", recipe.distillation().teacher(), hadoop);
    return paths.isEmpty() ? recipe : RecipeLoader.parse("the recipe", recipe.render(), paths);
  }

  private static void add(
      List<String> paths, String key, Optional<String> path, Configuration hadoop) {
    path.map(p -> of(new Path(p), hadoop).toString())
        .ifPresent(p -> paths.add(key + "=" + RecipeLoader.quoted(p)));
  }

  /** A path with its file system, as this process understands it. */
  static Path of(Path path, Configuration hadoop) {
    try {
      return path.getFileSystem(hadoop).makeQualified(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
