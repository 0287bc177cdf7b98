package io.elapid.worker;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.config.TransformSpec;
import io.elapid.data.augment.CenterCrop;
import io.elapid.data.augment.HorizontalFlip;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.RandomResizedCrop;
import io.elapid.data.augment.ResizeShortSide;
import io.elapid.data.augment.Transform;
import io.elapid.data.loader.LoaderSettings;
import io.elapid.engine.Trainer;
import io.elapid.engine.TrainerSettings;
import io.elapid.model.Models;
import io.elapid.optim.AdamWSettings;
import java.util.List;

/** Turns the recipe's sections into what engine and loader want to know. */
final class RankSetup {

  private RankSetup() {}

  static TrainerSettings trainerSettings(Recipe recipe, int classes) {
    Recipe.Optimizer optimizer = recipe.optimizer();
    return new TrainerSettings(
        Models.byName(recipe.model().name()),
        classes,
        recipe.model().imageSize(),
        recipe.batch().samplesPerShard(),
        recipe.seed(),
        new AdamWSettings(
            optimizer.beta1(), optimizer.beta2(), optimizer.epsilon(), optimizer.weightDecay()),
        recipe.clip().norm(),
        recipe.ema().decay(),
        recipe.cluster().threadsPerRank());
  }

  static LoaderSettings trainLoader(Recipe recipe, int classes) {
    return loader(recipe, classes, recipe.data().trainTransforms(), recipe.loss().labelSmoothing());
  }

  /** Evaluation sees whole pictures and hard labels. */
  static LoaderSettings evalLoader(Recipe recipe, int classes) {
    return loader(recipe, classes, recipe.data().evalTransforms(), 0);
  }

  private static LoaderSettings loader(
      Recipe recipe, int classes, List<TransformSpec> transforms, double smoothing) {
    Recipe.Data data = recipe.data();
    int imageSize = recipe.model().imageSize();
    return new LoaderSettings(
        transforms.stream().map(spec -> transform(spec, imageSize)).toList(),
        new Normalization(array(data.mean()), array(data.std())),
        imageSize,
        classes,
        smoothing,
        recipe.seed(),
        data.loaderThreads(),
        data.prefetch(),
        data.timeout(),
        data.maxCorrupt());
  }

  private static Transform transform(TransformSpec spec, int imageSize) {
    if (spec instanceof TransformSpec.RandomResizedCrop crop) {
      return new RandomResizedCrop(
          imageSize,
          crop.minArea(),
          crop.maxArea(),
          crop.minRatio(),
          crop.maxRatio(),
          interpolation(crop.interpolation()));
    }
    if (spec instanceof TransformSpec.HorizontalFlip flip) {
      return new HorizontalFlip(flip.probability());
    }
    if (spec instanceof TransformSpec.Resize resize) {
      return new ResizeShortSide(
          resize.shortSide(imageSize), interpolation(resize.interpolation()));
    }
    if (spec instanceof TransformSpec.CenterCrop) {
      return new CenterCrop(imageSize);
    }
    throw new IllegalStateException("no transform for " + spec);
  }

  private static Interpolation interpolation(TransformSpec.Interpolation interpolation) {
    return switch (interpolation) {
      case BILINEAR -> Interpolation.BILINEAR;
      case BICUBIC -> Interpolation.BICUBIC;
    };
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The weights that the recipe wants evaluated. */
  static List<NamedTensor> evaluated(Trainer trainer, Recipe recipe) {
    return switch (recipe.evaluation().weights()) {
      case MODEL -> trainer.model();
      case EMA -> recipe.ema().decay() > 0 ? trainer.ema() : trainer.model();
    };
  }
}
