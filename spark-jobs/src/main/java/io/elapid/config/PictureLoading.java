package io.elapid.config;

import io.elapid.data.augment.Normalization;
import io.elapid.data.loader.LoaderSettings;
import java.util.List;

/** How pictures of classes become batches, as a recipe says. */
public final class PictureLoading {
  private PictureLoading() {}

  /** In training. */
  public static LoaderSettings training(Recipe recipe, int classes) {
    return loading(
        recipe, classes, recipe.data().trainTransforms(), recipe.loss().labelSmoothing());
  }

  /** Evaluation sees whole pictures and hard labels. */
  public static LoaderSettings evaluation(Recipe recipe, int classes) {
    return loading(recipe, classes, recipe.data().evalTransforms(), 0);
  }

  private static LoaderSettings loading(
      Recipe recipe, int classes, List<TransformSpec> transforms, double smoothing) {
    Recipe.Data data = recipe.data();
    return new LoaderSettings(
        Transforms.pipeline(recipe, transforms).transforms(),
        new Normalization(array(data.mean()), array(data.std())),
        Transforms.erasing(transforms),
        Transforms.mix(transforms),
        data.repeats(),
        recipe.model().imageSize(),
        classes,
        smoothing,
        recipe.seed(),
        data.loaderThreads(),
        data.prefetch(),
        data.timeout(),
        data.maxCorrupt());
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
