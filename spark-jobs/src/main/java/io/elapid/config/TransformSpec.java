package io.elapid.config;

/**
 * One step of the picture pipeline as a recipe names it. Sizes are relative to {@code
 * model.image-size}, so that one key changes the resolution of a whole recipe.
 */
public sealed interface TransformSpec {

  /** How pixels are interpolated, in Pillow's meaning of the words. */
  enum Interpolation {
    BILINEAR,
    BICUBIC
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
}
