package io.elapid.job;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.InputException;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Weights on disk with what is needed to use them.
 *
 * @param source fully qualified path of a run, a checkpoint or a file
 * @param variant which of a checkpoint's weights
 * @param meta model, classes, input size, class names
 * @param recipe how pictures are brought to the network's input
 */
public record SavedModel(
    String source, ModelWeights.Variant variant, CheckpointMeta meta, Recipe recipe) {

  /**
   * Finds weights.
   *
   * @param overrides of the recipe that was stored with them
   * @throws InputException when there are none, they are damaged, or they do not say what they are
   */
  public static SavedModel open(
      Configuration hadoop, Path path, ModelWeights.Variant variant, List<String> overrides)
      throws IOException {
    Path qualified = path.getFileSystem(hadoop).makeQualified(path);
    ModelWeights weights = ModelWeights.load(hadoop, qualified, variant);
    CheckpointMeta meta =
        weights
            .meta()
            .orElseThrow(
                () ->
                    new InputException(
                        weights.source() + ": does not say which model and classes it holds",
                        "use weights that elapid wrote"));
    Recipe recipe =
        RecipeLoader.parse(
            weights.source() + ": recipe",
            meta.recipe().isBlank() ? barest(meta) : meta.recipe(),
            overrides);
    return new SavedModel(qualified.toString(), variant, meta, recipe);
  }

  /** Weights without a recipe: the defaults at the size that they were made for. */
  private static String barest(CheckpointMeta meta) {
    return "model { name = \"%s\", image-size = %d }".formatted(meta.model(), meta.imageSize());
  }

  void requireClasses(int classes, Path dataset) {
    if (meta.classes() != classes) {
      throw new InputException(
          "%s has %d classes, but the weights in %s tell %d apart"
              .formatted(dataset, classes, source, meta.classes()),
          "evaluate on the data set that the weights were trained for");
    }
  }
}
