package io.elapid.config;

import io.elapid.data.augment.Normalization;
import io.elapid.data.loader.Background;
import io.elapid.data.loader.FramedSettings;
import io.elapid.data.loader.Grouping;
import io.elapid.data.loader.LoaderSettings;
import io.elapid.data.target.TargetKind;
import java.util.List;

/** How pictures become batches, as a recipe says. */
public final class PictureLoading {
  private PictureLoading() {}

  /** Of pictures of one size, in training. */
  public static LoaderSettings training(Recipe recipe, int classes) {
    return loading(
        recipe, classes, recipe.data().trainTransforms(), recipe.loss().labelSmoothing());
  }

  /** The same in evaluation, which sees whole pictures and hard labels. */
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

  /** Of pictures that keep sizes of their own. */
  public static FramedSettings framed(Recipe recipe, int classes, List<TransformSpec> transforms) {
    Recipe.Data data = recipe.data();
    return new FramedSettings(
        Transforms.pipeline(recipe, transforms),
        new Normalization(array(data.mean()), array(data.std())),
        grouping(recipe.task()),
        recipe.task().frames(),
        classes,
        recipe.seed(),
        background(data));
  }

  private static Grouping grouping(TaskSpec task) {
    // the crops of classes of pixels are all alike
    if (task.type().kind() != TargetKind.DETECTION) {
      return Grouping.NONE;
    }
    return switch (task.grouping()) {
      case NONE -> Grouping.NONE;
      case ASPECT_RATIO -> Grouping.ASPECT_RATIO;
    };
  }

  private static Background background(Recipe.Data data) {
    return new Background(data.loaderThreads(), data.prefetch(), data.timeout(), data.maxCorrupt());
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
