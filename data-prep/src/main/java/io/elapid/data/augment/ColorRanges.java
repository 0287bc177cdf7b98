package io.elapid.data.augment;

/**
 * How far photometric distortion goes.
 *
 * @param brightness added: -brightness to brightness, on the scale 0..255
 * @param minContrast smallest factor of all values
 * @param maxContrast largest factor of all values
 * @param minSaturation smallest factor of the saturation
 * @param maxSaturation largest factor of the saturation
 * @param hue added to the hue: -hue to hue, in degrees or in OpenCV's half degrees
 */
public record ColorRanges(
    double brightness,
    double minContrast,
    double maxContrast,
    double minSaturation,
    double maxSaturation,
    int hue) {
  public ColorRanges {
    if (!(brightness >= 0 && brightness <= 255) || !(hue >= 0 && hue <= 180)) {
      throw new IllegalArgumentException(
          "brightness must be in 0..255 and hue in 0..180: " + brightness + ", " + hue);
    }
    Checks.ordered("contrast", minContrast, maxContrast);
    Checks.ordered("saturation", minSaturation, maxSaturation);
  }

  /** The published ranges of all detectors and segmenters. */
  public static ColorRanges published() {
    return new ColorRanges(32, 0.5, 1.5, 0.5, 1.5, 18);
  }
}
