package io.elapid.config;

import io.elapid.data.augment.BatchMix;
import io.elapid.data.augment.BytePhotometricDistortion;
import io.elapid.data.augment.CenterCrop;
import io.elapid.data.augment.ColorJitter;
import io.elapid.data.augment.ColorRanges;
import io.elapid.data.augment.Expand;
import io.elapid.data.augment.HorizontalFlip;
import io.elapid.data.augment.Interpolation;
import io.elapid.data.augment.KeepRatioResize;
import io.elapid.data.augment.MinIouCrop;
import io.elapid.data.augment.MultipleResize;
import io.elapid.data.augment.Pad;
import io.elapid.data.augment.PhotometricDistortion;
import io.elapid.data.augment.Pipeline;
import io.elapid.data.augment.RandAugment;
import io.elapid.data.augment.RandomChoice;
import io.elapid.data.augment.RandomCrop;
import io.elapid.data.augment.RandomErasing;
import io.elapid.data.augment.RandomResizedCrop;
import io.elapid.data.augment.RangeCrop;
import io.elapid.data.augment.RatioRangeResize;
import io.elapid.data.augment.ReduceZeroLabel;
import io.elapid.data.augment.ResizeShortSide;
import io.elapid.data.augment.SquareResize;
import io.elapid.data.augment.Transform;
import io.elapid.data.target.TargetKind;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The transforms that a recipe names. */
public final class Transforms {
  private static final int ANY_SIZE = 224;

  private final int imageSize;
  private final List<Double> mean;

  private Transforms(int imageSize, List<Double> mean) {
    this.imageSize = imageSize;
    this.mean = mean;
  }

  /** The transforms of single pictures among {@code specs}, in order. */
  public static Pipeline pipeline(Recipe recipe, List<TransformSpec> specs) {
    return new Transforms(recipe.model().imageSize(), recipe.data().mean()).pipeline(specs);
  }

  /** What is erased of normalised pictures. */
  public static Optional<RandomErasing> erasing(List<TransformSpec> specs) {
    return specs.stream()
        .filter(TransformSpec.RandomErasing.class::isInstance)
        .map(TransformSpec.RandomErasing.class::cast)
        .map(e -> new RandomErasing(e.probability(), e.minArea(), e.maxArea(), e.minRatio()))
        .findFirst();
  }

  /** How batches are mixed. */
  public static Optional<BatchMix> mix(List<TransformSpec> specs) {
    return specs.stream()
        .filter(TransformSpec.BatchMix.class::isInstance)
        .map(TransformSpec.BatchMix.class::cast)
        .map(m -> new BatchMix(m.mixup(), m.cutmix(), m.probability(), m.switchProbability()))
        .findFirst();
  }

  /**
   * The kinds of data sets that a transform is for, whatever the image size.
   *
   * @throws IllegalArgumentException if its parameters do not go together
   */
  static Set<TargetKind> kinds(TransformSpec spec) {
    return new Transforms(ANY_SIZE, List.of(0.0, 0.0, 0.0))
        .transform(spec)
        .map(Transform::kinds)
        .orElse(Set.of(TargetKind.CLASSIFICATION));
  }

  private Pipeline pipeline(List<TransformSpec> specs) {
    return new Pipeline(specs.stream().flatMap(spec -> transform(spec).stream()).toList());
  }

  /** Empty for what is not done to single pictures. */
  private Optional<Transform> transform(TransformSpec spec) {
    Transform picture = ofPictures(spec);
    return Optional.ofNullable(picture != null ? picture : ofObjectsOrPixels(spec));
  }

  private Transform ofPictures(TransformSpec spec) {
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
    return spec instanceof TransformSpec.RandAugment augment ? randAugment(augment) : null;
  }

  private static RandAugment randAugment(TransformSpec.RandAugment augment) {
    return new RandAugment(
        augment.operations(),
        augment.magnitude(),
        augment.deviation(),
        switch (augment.tables()) {
          case INCREASING -> RandAugment.Tables.INCREASING;
          case ORIGINAL -> RandAugment.Tables.ORIGINAL;
        },
        switch (augment.set()) {
          case TIMM -> RandAugment.OperationSet.TIMM;
          case EXTENDED -> RandAugment.OperationSet.EXTENDED;
        },
        interpolation(augment.interpolation()));
  }

  private Transform ofObjectsOrPixels(TransformSpec spec) {
    if (spec instanceof TransformSpec.KeepRatioResize resize) {
      return new KeepRatioResize(resize.longSide(), resize.shortSides());
    }
    if (spec instanceof TransformSpec.RatioRangeResize resize) {
      return new RatioRangeResize(
          resize.longSide(), resize.shortSide(), resize.minRatio(), resize.maxRatio());
    }
    if (spec instanceof TransformSpec.MultipleResize resize) {
      return new MultipleResize(resize.divisor());
    }
    if (spec instanceof TransformSpec.SquareResize) {
      return new SquareResize(imageSize);
    }
    if (spec instanceof TransformSpec.RandomChoice choice) {
      return new RandomChoice(choice.branches().stream().map(this::pipeline).toList());
    }
    if (spec instanceof TransformSpec.Pad pad) {
      return Pad.toMultiple(pad.divisor());
    }
    if (spec instanceof TransformSpec.PadSquare) {
      return Pad.toSquare(imageSize);
    }
    Transform objects = ofObjects(spec);
    return objects != null ? objects : ofPixels(spec);
  }

  private Transform ofObjects(TransformSpec spec) {
    if (spec instanceof TransformSpec.RangeCrop crop) {
      return new RangeCrop(crop.minSide(), crop.maxSide());
    }
    if (spec instanceof TransformSpec.MinIouCrop crop) {
      return new MinIouCrop(crop.minIous(), crop.minSide());
    }
    if (spec instanceof TransformSpec.Expand expand) {
      return new Expand(expand.probability(), expand.minRatio(), expand.maxRatio(), meanColor());
    }
    if (spec instanceof TransformSpec.PhotometricDistortion distortion) {
      return new PhotometricDistortion(
          new ColorRanges(
              distortion.brightness(),
              distortion.minContrast(),
              distortion.maxContrast(),
              distortion.minSaturation(),
              distortion.maxSaturation(),
              distortion.hue()));
    }
    return null;
  }

  private Transform ofPixels(TransformSpec spec) {
    if (spec instanceof TransformSpec.ReduceZeroLabel) {
      return new ReduceZeroLabel();
    }
    if (spec instanceof TransformSpec.RandomCrop crop) {
      return new RandomCrop(imageSize, crop.maxClassShare());
    }
    if (spec instanceof TransformSpec.BytePhotometricDistortion distortion) {
      return new BytePhotometricDistortion(
          new ColorRanges(
              distortion.brightness(),
              distortion.minContrast(),
              distortion.maxContrast(),
              distortion.minSaturation(),
              distortion.maxSaturation(),
              distortion.hue()));
    }
    return null;
  }

  /** Cut to bytes, as published detectors fill. */
  private Expand.Color meanColor() {
    return new Expand.Color(
        (int) (mean.get(0) * 255), (int) (mean.get(1) * 255), (int) (mean.get(2) * 255));
  }

  private static Interpolation interpolation(TransformSpec.Interpolation interpolation) {
    return switch (interpolation) {
      case BILINEAR -> Interpolation.BILINEAR;
      case BICUBIC -> Interpolation.BICUBIC;
      case RANDOM -> Interpolation.RANDOM;
    };
  }
}
