package io.elapid.worker;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.config.TransformSpec;
import io.elapid.data.augment.BatchMix;
import io.elapid.data.augment.CenterCrop;
import io.elapid.data.augment.ColorJitter;
import io.elapid.data.augment.HorizontalFlip;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.Normalization;
import io.elapid.data.augment.RandAugment;
import io.elapid.data.augment.RandomErasing;
import io.elapid.data.augment.RandomResizedCrop;
import io.elapid.data.augment.ResizeShortSide;
import io.elapid.data.augment.Transform;
import io.elapid.data.loader.LoaderSettings;
import io.elapid.engine.Trainer;
import java.util.List;
import java.util.Optional;

/** Turns the recipe's sections on data and evaluation into what the loader wants to know. */
final class RankSetup {

  private RankSetup() {}

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
        transforms.stream().flatMap(spec -> transform(spec, imageSize).stream()).toList(),
        new Normalization(array(data.mean()), array(data.std())),
        transforms.stream().flatMap(spec -> erasing(spec).stream()).findFirst(),
        transforms.stream().flatMap(spec -> mix(spec).stream()).findFirst(),
        data.repeats(),
        imageSize,
        classes,
        smoothing,
        recipe.seed(),
        data.loaderThreads(),
        data.prefetch(),
        data.timeout(),
        data.maxCorrupt());
  }

  /** Empty for what is not done to single pictures. */
  private static Optional<Transform> transform(TransformSpec spec, int imageSize) {
    return Optional.ofNullable(transformOrNull(spec, imageSize));
  }

  private static Optional<RandomErasing> erasing(TransformSpec spec) {
    return spec instanceof TransformSpec.RandomErasing erasing
        ? Optional.of(
            new RandomErasing(
                erasing.probability(), erasing.minArea(), erasing.maxArea(), erasing.minRatio()))
        : Optional.empty();
  }

  private static Optional<BatchMix> mix(TransformSpec spec) {
    return spec instanceof TransformSpec.BatchMix mix
        ? Optional.of(
            new BatchMix(mix.mixup(), mix.cutmix(), mix.probability(), mix.switchProbability()))
        : Optional.empty();
  }

  private static Transform transformOrNull(TransformSpec spec, int imageSize) {
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
    if (spec instanceof TransformSpec.ColorJitter jitter) {
      return new ColorJitter(jitter.brightness(), jitter.contrast(), jitter.saturation());
    }
    if (spec instanceof TransformSpec.RandAugment augment) {
      return new RandAugment(
          augment.operations(),
          augment.magnitude(),
          augment.deviation(),
          switch (augment.tables()) {
            case INCREASING -> RandAugment.Tables.INCREASING;
            case ORIGINAL -> RandAugment.Tables.ORIGINAL;
          },
          interpolation(augment.interpolation()));
    }
    return null;
  }

  private static Interpolation interpolation(TransformSpec.Interpolation interpolation) {
    return switch (interpolation) {
      case BILINEAR -> Interpolation.BILINEAR;
      case BICUBIC -> Interpolation.BICUBIC;
      case RANDOM -> Interpolation.RANDOM;
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
