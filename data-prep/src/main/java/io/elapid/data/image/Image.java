package io.elapid.data.image;

/**
 * A decoded picture.
 *
 * @param width columns
 * @param height rows
 * @param rgb unsigned bytes in height x width x 3 order, not copied: whoever holds an image treats
 *     it as constant
 */
public record Image(int width, int height, byte[] rgb) implements Pixels {
  public static final int CHANNELS = 3;

  public Image {
    if (width <= 0 || height <= 0 || rgb.length != Math.multiplyExact(width * CHANNELS, height)) {
      throw new IllegalArgumentException(
          "an image of " + width + " x " + height + " cannot have " + rgb.length + " bytes");
    }
  }

  /** The value 0..255 of one channel (0 red, 1 green, 2 blue) of one pixel. */
  public int value(int x, int y, int channel) {
    return rgb[(y * width + x) * CHANNELS + channel] & 0xFF;
  }
}
