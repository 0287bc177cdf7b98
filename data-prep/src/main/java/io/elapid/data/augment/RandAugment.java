package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.image.Resize;

/**
 * RandAugment (Cubuk et al. 2020) with timm's operations and tables: a few operations drawn with
 * replacement, each applied with probability 1/2 at a level drawn around {@code magnitude}.
 *
 * @param operations drawn for each picture
 * @param magnitude mean of the level, 0 to 10
 * @param deviation standard deviation of the level; 0 for always the same
 * @param tables from level to argument
 * @param interpolation of rotations, shears and translations
 */
public record RandAugment(
    int operations, double magnitude, double deviation, Tables tables, Interpolation interpolation)
    implements PictureTransform {
  private static final double MAX_LEVEL = 10;

  /** How levels become arguments. */
  public enum Tables {
    /** A higher level always changes more ("inc1"); the level is kept within 0 to 10. */
    INCREASING,
    /** As first published: some operations change less at higher levels; levels are not limited. */
    ORIGINAL
  }

  /** The operations in timm's order. */
  enum Operation {
    AUTO_CONTRAST,
    EQUALIZE,
    INVERT,
    ROTATE,
    POSTERIZE,
    SOLARIZE,
    SOLARIZE_ADD,
    COLOR,
    CONTRAST,
    BRIGHTNESS,
    SHARPNESS,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y
  }

  private static final Operation[] OPERATIONS = Operation.values();

  public RandAugment {
    Checks.positive("operations", operations);
    if (!(magnitude >= 0 && magnitude <= MAX_LEVEL) || !(deviation >= 0 && deviation < 100)) {
      throw new IllegalArgumentException(
          "magnitude must be in 0..10 and its deviation not negative: "
              + magnitude
              + ", "
              + deviation);
    }
  }

  @Override
  public Image apply(Image image, long seed) {
    SplitMix random = new SplitMix(seed);
    Image result = image;
    for (int i = 0; i < operations; i++) {
      Operation operation = OPERATIONS[random.nextInt(OPERATIONS.length)];
      if (random.nextDouble() < 0.5) {
        double level = Math.max(0, magnitude + deviation * Draws.normal(random));
        if (tables == Tables.INCREASING) {
          level = Math.min(MAX_LEVEL, level);
        }
        double argument = argument(operation, level, random.nextInt(2) == 0 ? 1 : -1);
        result = apply(operation, result, argument, interpolation.filter(random));
      }
    }
    return result;
  }

  /**
   * The number that an operation takes.
   *
   * @param sign 1 or -1; used where a change has two directions
   */
  double argument(Operation operation, double level, int sign) {
    double share = level / MAX_LEVEL;
    boolean increasing = tables == Tables.INCREASING;
    return switch (operation) {
      case AUTO_CONTRAST, EQUALIZE, INVERT -> 0;
      case ROTATE -> sign * share * 30;
      case POSTERIZE -> increasing ? Math.max(0, 4 - (int) (share * 4)) : (int) (share * 4);
      case SOLARIZE -> {
        int threshold = Math.min(256, (int) (share * 256));
        yield increasing ? 256 - threshold : threshold;
      }
      case SOLARIZE_ADD -> Math.min(128, (int) (share * 110));
      case COLOR, CONTRAST, BRIGHTNESS, SHARPNESS ->
          increasing ? Math.max(0.1, 1 + sign * share * 0.9) : share * 1.8 + 0.1;
      case SHEAR_X, SHEAR_Y -> sign * share * 0.3;
      case TRANSLATE_X, TRANSLATE_Y -> sign * share * 0.45;
    };
  }

  static Image apply(Operation operation, Image image, double argument, Resize.Filter filter) {
    return switch (operation) {
      case AUTO_CONTRAST -> PixelOps.autoContrast(image);
      case EQUALIZE -> PixelOps.equalize(image);
      case INVERT -> PixelOps.invert(image);
      case ROTATE -> AffineWarp.rotate(image, argument, filter);
      case POSTERIZE -> PixelOps.posterize(image, (int) argument);
      case SOLARIZE -> PixelOps.solarize(image, (int) argument);
      case SOLARIZE_ADD -> PixelOps.solarizeAdd(image, (int) argument);
      case COLOR -> PixelOps.color(image, argument);
      case CONTRAST -> PixelOps.contrast(image, argument);
      case BRIGHTNESS -> PixelOps.brightness(image, argument);
      case SHARPNESS -> PixelOps.sharpness(image, argument);
      case SHEAR_X -> AffineWarp.shearX(image, argument, filter);
      case SHEAR_Y -> AffineWarp.shearY(image, argument, filter);
      case TRANSLATE_X -> AffineWarp.translateX(image, argument, filter);
      case TRANSLATE_Y -> AffineWarp.translateY(image, argument, filter);
    };
  }
}
