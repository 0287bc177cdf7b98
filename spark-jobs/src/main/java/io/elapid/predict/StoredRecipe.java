package io.elapid.predict;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import java.util.List;

/** The recipe that belongs to weights. */
public final class StoredRecipe {
  private static final String PUBLISHED = "_imagenet";

  private StoredRecipe() {}

  /**
   * The recipe that was stored with weights, or else the network's bundled one, or the defaults.
   *
   * @param source where the weights are, for messages
   * @param overrides {@code key=value} each
   * @throws InputException if it or an override is wrong
   */
  public static Recipe of(CheckpointMeta meta, String source, List<String> overrides) {
    return meta.recipe().isBlank()
        ? RecipeLoader.parse(meta.model() + PUBLISHED, published(meta), overrides)
        : RecipeLoader.parse(source + ": recipe", meta.recipe(), overrides);
  }

  private static String published(CheckpointMeta meta) {
    return RecipeLoader.bundled(meta.model() + PUBLISHED).orElse(barest(meta));
  }

  private static String barest(CheckpointMeta meta) {
    return "model { name = \"%s\", image-size = %d }".formatted(meta.model(), meta.imageSize());
  }
}
