package io.elapid.config;

import java.util.List;

/**
 * One step of the picture pipeline as a recipe names it. Sizes are relative to {@code
 * model.image-size}, so that one key changes the resolution of a whole recipe.
 */
public sealed interface TransformSpec
    permits TransformSpec.RandomResizedCrop,
        TransformSpec.HorizontalFlip,
        TransformSpec.Resize,
        TransformSpec.CenterCrop,
        TransformSpec.ColorJitter,
        TransformSpec.RandAugment,
        TransformSpec.RandomErasing,
        TransformSpec.BatchMix,
        TransformSpec.KeepRatioResize,
        TransformSpec.RatioRangeResize,
        TransformSpec.MultipleResize,
        TransformSpec.SquareResize,
        TransformSpec.RandomChoice,
        TransformSpec.RangeCrop,
        TransformSpec.MinIouCrop,
        TransformSpec.Expand,
        TransformSpec.PhotometricDistortion,
        TransformSpec.BytePhotometricDistortion,
        TransformSpec.ReduceZeroLabel,
        TransformSpec.RandomCrop,
        TransformSpec.Pad,
        TransformSpec.PadSquare {

  /** How pixels are interpolated, in Pillow's meaning of the words. */
  enum Interpolation {
    BILINEAR,
    BICUBIC,
    /** One of the two, drawn for every picture. */
    RANDOM
  }

  /**
   * Crop of random area and aspect ratio, resized to image-size x image-size (Szegedy et al. 2015).
   *
   * @param minArea smallest share of the picture's area
   * @param maxArea largest share of the picture's area
   * @param minRatio smallest width / height
   * @param maxRatio largest width / height
   */
  record RandomResizedCrop(
      @Bounds("(0, 1]") @Default("0.08") double minArea,
      @Bounds("(0, 1]") @Default("1.0") double maxArea,
      @Bounds("(0, inf)") @Default("0.75") double minRatio,
      @Bounds("(0, inf)") @Default("1.3333333333333333") double maxRatio,
      @Default("bicubic") Interpolation interpolation)
      implements TransformSpec {}

  /** Mirrors left and right with the given probability. */
  record HorizontalFlip(@Bounds("[0, 1]") @Default("0.5") double probability)
      implements TransformSpec {}

  /**
   * Resizes so that the short side has floor(image-size / cropFraction) pixels, aspect ratio kept.
   */
  record Resize(
      @Bounds("(0, 1]") @Default("0.875") double cropFraction,
      @Default("bicubic") Interpolation interpolation)
      implements TransformSpec {
    /** Pixels of the short side for pictures of the given final size. */
    public int shortSide(int imageSize) {
      return (int) Math.floor(imageSize / cropFraction);
    }
  }

  /** Cuts image-size x image-size pixels out of the middle. */
  record CenterCrop() implements TransformSpec {}

  /**
   * Changes brightness, contrast and saturation by factors from 1 - strength to 1 + strength.
   *
   * @param brightness strength
   * @param contrast strength
   * @param saturation strength
   */
  record ColorJitter(
      @Bounds("[0, 10]") @Default("0.4") double brightness,
      @Bounds("[0, 10]") @Default("0.4") double contrast,
      @Bounds("[0, 10]") @Default("0.4") double saturation)
      implements TransformSpec {}

  /**
   * RandAugment with timm's operations.
   *
   * @param operations drawn for each picture
   * @param magnitude mean level, 0 to 10
   * @param deviation standard deviation of the level
   * @param tables from level to argument
   * @param set that operations are drawn from
   */
  record RandAugment(
      @Bounds("[1, 15]") @Default("2") int operations,
      @Bounds("[0, 10]") @Default("9") double magnitude,
      @Bounds("[0, 10]") @Default("0.5") double deviation,
      @Default("increasing") Tables tables,
      @Default("timm") OperationSet set,
      @Default("bicubic") Interpolation interpolation)
      implements TransformSpec {}

  /** What RandAugment draws from. */
  enum OperationSet {
    /** The fifteen operations of timm. */
    TIMM,
    /** And distort, zoom, blur and skew, as EfficientVMamba was trained. */
    EXTENDED
  }

  /** How RandAugment's levels become arguments. */
  enum Tables {
    /** A higher level always changes more. */
    INCREASING,
    /** As first published. */
    ORIGINAL
  }

  /**
   * Replaces a rectangle of the normalised picture by noise; stands after all of the above.
   *
   * @param probability of a picture being changed
   * @param minArea smallest share of the area
   * @param maxArea largest share of the area
   * @param minRatio smallest height / width; the largest is its inverse
   */
  record RandomErasing(
      @Bounds("[0, 1]") @Default("0.25") double probability,
      @Bounds("(0, 1]") @Default("0.02") double minArea,
      @Bounds("(0, 1]") @Default("0.3333333333333333") double maxArea,
      @Bounds("(0, 1]") @Default("0.3") double minRatio)
      implements TransformSpec {}

  /**
   * Mixes a batch with itself in reverse order by mixup or CutMix; stands last.
   *
   * @param mixup alpha of the Beta distribution; 0 without mixup
   * @param cutmix alpha of the Beta distribution; 0 without CutMix
   * @param probability of a batch being mixed
   * @param switchProbability of CutMix where both are possible
   */
  record BatchMix(
      @Bounds("[0, 100]") @Default("0.8") double mixup,
      @Bounds("[0, 100]") @Default("1.0") double cutmix,
      @Bounds("[0, 1]") @Default("1.0") double probability,
      @Bounds("[0, 1]") @Default("0.5") double switchProbability)
      implements TransformSpec {}

  /**
   * Resizes with the aspect ratio kept, as large as the two bounds allow (OpenCV, bilinear).
   *
   * @param longSide bound of the longer side in pixels
   * @param shortSides bounds of the shorter side in pixels; of several one is drawn
   */
  record KeepRatioResize(
      @Bounds("[1, 16384]") @Default("1333") int longSide,
      @Bounds("[1, 16384]") @Default("[800]") List<Integer> shortSides)
      implements TransformSpec {}

  /**
   * Resizes with the aspect ratio kept, into bounds multiplied by a random ratio.
   *
   * @param longSide bound of the longer side in pixels, at ratio 1
   * @param shortSide bound of the shorter side in pixels, at ratio 1
   * @param minRatio smallest ratio
   * @param maxRatio largest ratio
   */
  record RatioRangeResize(
      @Bounds("[1, 16384]") @Default("2048") int longSide,
      @Bounds("[1, 16384]") @Default("512") int shortSide,
      @Bounds("(0, 16]") @Default("0.5") double minRatio,
      @Bounds("(0, 16]") @Default("2.0") double maxRatio)
      implements TransformSpec {}

  /** Resizes both sides up to multiples of {@code divisor}. */
  record MultipleResize(@Bounds("[1, 4096]") @Default("32") int divisor) implements TransformSpec {}

  /** Resizes to image-size x image-size, whatever the aspect ratio was. */
  record SquareResize() implements TransformSpec {}

  /**
   * Draws one of several lists of transforms for every picture.
   *
   * @param branches equally likely
   */
  record RandomChoice(List<List<TransformSpec>> branches) implements TransformSpec {}

  /**
   * Cuts out a rectangle with sides drawn between two lengths.
   *
   * @param minSide in pixels
   * @param maxSide in pixels
   */
  record RangeCrop(
      @Bounds("[1, 16384]") @Default("384") int minSide,
      @Bounds("[1, 16384]") @Default("600") int maxSide)
      implements TransformSpec {}

  /**
   * Cuts out a rectangle that overlaps every object by a drawn IoU.
   *
   * @param minIous to draw from, besides "any" and "no crop"
   * @param minSide share of the picture's sides
   */
  record MinIouCrop(
      @Bounds("(0, 1)") @Default("[0.1, 0.3, 0.5, 0.7, 0.9]") List<Double> minIous,
      @Bounds("(0, 1]") @Default("0.3") double minSide)
      implements TransformSpec {}

  /**
   * Lays the picture on a larger canvas of data.mean's colour.
   *
   * @param probability of a picture being laid out
   * @param minRatio of canvas side / picture side
   * @param maxRatio likewise
   */
  record Expand(
      @Bounds("[0, 1]") @Default("0.5") double probability,
      @Bounds("[1, 16]") @Default("1.0") double minRatio,
      @Bounds("[1, 16]") @Default("4.0") double maxRatio)
      implements TransformSpec {}

  /**
   * Changes brightness, contrast, saturation, hue and the order of channels in floating point, each
   * with probability 1/2.
   *
   * @param brightness added or taken away, on the scale 0..255
   * @param minContrast smallest factor
   * @param maxContrast largest factor
   * @param minSaturation smallest factor
   * @param maxSaturation largest factor
   * @param hue added or taken away, in degrees
   */
  record PhotometricDistortion(
      @Bounds("[0, 255]") @Default("32") double brightness,
      @Bounds("(0, 10]") @Default("0.5") double minContrast,
      @Bounds("(0, 10]") @Default("1.5") double maxContrast,
      @Bounds("(0, 10]") @Default("0.5") double minSaturation,
      @Bounds("(0, 10]") @Default("1.5") double maxSaturation,
      @Bounds("[0, 180]") @Default("18") int hue)
      implements TransformSpec {}

  /**
   * The same without the order of channels, rounding to bytes after every step.
   *
   * @param brightness added or taken away, on the scale 0..255
   * @param minContrast smallest factor
   * @param maxContrast largest factor
   * @param minSaturation smallest factor
   * @param maxSaturation largest factor
   * @param hue added or taken away, in OpenCV's 180 steps
   */
  record BytePhotometricDistortion(
      @Bounds("[0, 255]") @Default("32") double brightness,
      @Bounds("(0, 10]") @Default("0.5") double minContrast,
      @Bounds("(0, 10]") @Default("1.5") double maxContrast,
      @Bounds("(0, 10]") @Default("0.5") double minSaturation,
      @Bounds("(0, 10]") @Default("1.5") double maxSaturation,
      @Bounds("[0, 90]") @Default("18") int hue)
      implements TransformSpec {}

  /** Makes the label 0 one that is not learnt, and every other one less. */
  record ReduceZeroLabel() implements TransformSpec {}

  /**
   * Cuts out image-size x image-size pixels, preferring parts of more than one class.
   *
   * @param maxClassShare most of the labelled pixels that one class may cover
   */
  record RandomCrop(@Bounds("(0, 1]") @Default("0.75") double maxClassShare)
      implements TransformSpec {}

  /** Pads both sides to multiples of {@code divisor}; stands last. */
  record Pad(@Bounds("[1, 4096]") @Default("32") int divisor) implements TransformSpec {}

  /** Pads to at least image-size x image-size; stands last. */
  record PadSquare() implements TransformSpec {}
}
