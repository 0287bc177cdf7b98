package io.elapid.config;

/**
 * One step of the picture pipeline as a recipe names it. Sizes are relative to {@code
 * model.image-size}, so that one key changes the resolution of a whole recipe.
 */
public sealed interface TransformSpec {

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
   */
  record RandAugment(
      @Bounds("[1, 15]") @Default("2") int operations,
      @Bounds("[0, 10]") @Default("9") double magnitude,
      @Bounds("[0, 10]") @Default("0.5") double deviation,
      @Default("increasing") Tables tables,
      @Default("bicubic") Interpolation interpolation)
      implements TransformSpec {}

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
}
