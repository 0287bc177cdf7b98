package io.elapid.job;

import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What of a recipe must not change between a checkpoint and what goes on from it. */
final class ResumeRules {
  private record Key(String name, Function<Recipe, Object> value) {}

  /** Others of these would be other tensors, or an epoch of another number of steps. */
  private static final List<Key> KEYS =
      List.of(
          new Key("model.heads", recipe -> recipe.model().heads()),
          new Key("batch.size", recipe -> recipe.batch().size()),
          new Key("batch.accumulate", recipe -> recipe.batch().accumulate()),
          new Key("data.repeats", recipe -> recipe.data().repeats()));

  private ResumeRules() {}

  /**
   * Compares the recipe of a checkpoint with that of the run.
   *
   * @throws InputException if the run cannot go on there
   */
  static void check(Recipe before, Recipe now) {
    for (Key key : KEYS) {
      String was = word(key.value().apply(before));
      String is = word(key.value().apply(now));
      if (!was.equals(is)) {
        throw new InputException(
            "%s: %s, but the run that this goes on with began with %s"
                .formatted(key.name(), is, was),
            "go on with -D %s=%s, or start from its weights (model.weights) in another output folder"
                .formatted(key.name(), was));
      }
    }
  }

  private static String word(Object value) {
    return value.toString().toLowerCase(Locale.ROOT);
  }
}
