package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeNetworks;
import io.elapid.config.TaskSpec;
import io.elapid.data.InputException;
import io.elapid.data.image.Size;
import io.elapid.data.loader.FrameSizes;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Whether a network takes every size that a recipe's transforms give the pictures of a data set,
 * before the first that it does not take comes up in the middle of a run.
 */
public final class PictureSizes {
  private PictureSizes() {}

  /**
   * Looks at what a run learns from, and at what it is measured on.
   *
   * @throws InputException if there are sizes that the network does not take
   * @throws IOException when the storage fails
   */
  public static void check(Configuration hadoop, Recipe recipe, int classes) throws IOException {
    if (areGiven(recipe)) {
      FrameSizes frames = FramedTask.of(hadoop, recipe, classes).trainingFrames();
      require("data.train-transforms", frames, recipe);
      Path dataset = new Path(recipe.data().requirePath());
      checkEvaluation(hadoop, recipe, classes, dataset, recipe.data().validationSplit());
    }
  }

  /** The same of an evaluation alone. */
  public static void checkEvaluation(
      Configuration hadoop, Recipe recipe, int classes, Path dataset, String split)
      throws IOException {
    if (areGiven(recipe)) {
      FrameSizes frames = FramedTask.of(hadoop, recipe, classes).evaluationFrames(dataset, split);
      require("data.eval-transforms", frames, recipe);
    }
  }

  /** Whether sizes follow from the pictures, and it matters which they are. */
  private static boolean areGiven(Recipe recipe) {
    return recipe.task().type() != TaskSpec.Type.CLASSIFICATION && multiple(recipe) > 1;
  }

  private static int multiple(Recipe recipe) {
    return RecipeNetworks.published(recipe.model()).sideMultiple();
  }

  private static void require(String transforms, FrameSizes frames, Recipe recipe) {
    int multiple = multiple(recipe);
    for (Size size : frames.sizes()) {
      if (size.width() % multiple != 0 || size.height() % multiple != 0) {
        throw new InputException(
            "%s: they make pictures of %s, and %s takes sides that are multiples of %d"
                .formatted(transforms, size, recipe.model().name(), multiple),
            "end %s with { type = pad, divisor = %d }, or resize to such sizes"
                .formatted(transforms, multiple));
      }
    }
  }
}
