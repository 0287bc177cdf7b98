package io.elapid.data.image;

/**
 * A picture whose values are neither whole numbers nor kept within 0..255: what is left of one
 * whose colours were changed in floating point.
 *
 * @param rgb on the scale 0..255 in height x width x 3 order, not copied: whoever holds an image
 *     treats it as constant
 */
public record FloatImage(int width, int height, float[] rgb) implements Pixels {
  public FloatImage {
    if (width <= 0
        || height <= 0
        || rgb.length != Math.multiplyExact(width * Image.CHANNELS, height)) {
      throw new IllegalArgumentException(
          "an image of " + width + " x " + height + " cannot have " + rgb.length + " values");
    }
  }

  /** The same values, as floats. */
  public static FloatImage of(Image image) {
    float[] values = new float[image.rgb().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = image.rgb()[i] & 0xFF;
    }
    return new FloatImage(image.width(), image.height(), values);
  }

  /** The nearest picture of bytes, for looking at. */
  public Image rounded() {
    byte[] bytes = new byte[rgb.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.max(0, Math.min(255, Math.round(rgb[i])));
    }
    return new Image(width, height, bytes);
  }
}
