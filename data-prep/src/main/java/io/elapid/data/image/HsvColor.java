package io.elapid.data.image;

/**
 * OpenCV's hue, saturation, value, in its two number formats. All methods work in place on pixels
 * of three values.
 */
public final class HsvColor {
  private static final int SHIFT = 12;
  private static final int HUES = 180;
  private static final float EPSILON = 0x1p-23f;

  /** Which of {v, v (1 - s), v (1 - s f), v (1 - s (1 - f))} red, green and blue are. */
  private static final int[][] SECTORS = {
    {0, 3, 1}, {2, 0, 1}, {1, 0, 3}, {1, 2, 0}, {3, 1, 0}, {0, 1, 2}
  };

  private HsvColor() {}

  /** Hue in 0..179, saturation and value in 0..255. */
  public static void toHsv(byte[] pixels) {
    for (int i = 0; i < pixels.length; i += Image.CHANNELS) {
      int red = pixels[i] & 0xFF;
      int green = pixels[i + 1] & 0xFF;
      int blue = pixels[i + 2] & 0xFF;
      int value = Math.max(red, Math.max(green, blue));
      int spread = value - Math.min(red, Math.min(green, blue));
      int hue;
      if (value == red) {
        hue = green - blue;
      } else if (value == green) {
        hue = blue - red + 2 * spread;
      } else {
        hue = red - green + 4 * spread;
      }
      hue = rounded(hue * (spread == 0 ? 0 : reciprocal(HUES, 6 * spread)));
      pixels[i] = (byte) (hue < 0 ? hue + HUES : hue);
      pixels[i + 1] = (byte) rounded(spread * (value == 0 ? 0 : reciprocal(255, value)));
      pixels[i + 2] = (byte) value;
    }
  }

  /** {@code a / b} in fixed point. */
  private static int reciprocal(int a, int b) {
    return (int) Math.rint((a << SHIFT) / (double) b);
  }

  private static int rounded(int fixed) {
    return (fixed + (1 << (SHIFT - 1))) >> SHIFT;
  }

  /** Back from {@link #toHsv(byte[])}. */
  public static void toRgb(byte[] pixels) {
    float[] pixel = new float[Image.CHANNELS];
    for (int i = 0; i < pixels.length; i += Image.CHANNELS) {
      rgb(
          (pixels[i] & 0xFF) * (6f / HUES),
          (pixels[i + 1] & 0xFF) * (1f / 255),
          (pixels[i + 2] & 0xFF) * (1f / 255),
          pixel,
          0);
      for (int c = 0; c < Image.CHANNELS; c++) {
        pixels[i + c] = (byte) Math.max(0, Math.min(255, (int) Math.rint(pixel[c] * 255f)));
      }
    }
  }

  /** Hue in 0..360, saturation in 0..1, value on the scale of the input. */
  public static void toHsv(float[] pixels) {
    for (int i = 0; i < pixels.length; i += Image.CHANNELS) {
      float red = pixels[i];
      float green = pixels[i + 1];
      float blue = pixels[i + 2];
      float value = Math.max(red, Math.max(green, blue));
      float spread = value - Math.min(red, Math.min(green, blue));
      float degrees = (float) (60.0 / (spread + EPSILON));
      float hue;
      if (value == red) {
        hue = (green - blue) * degrees;
      } else if (value == green) {
        hue = (blue - red) * degrees + 120;
      } else {
        hue = (red - green) * degrees + 240;
      }
      pixels[i] = hue < 0 ? hue + 360 : hue;
      pixels[i + 1] = spread / (Math.abs(value) + EPSILON);
      pixels[i + 2] = value;
    }
  }

  /** Back from {@link #toHsv(float[])}. */
  public static void toRgb(float[] pixels) {
    for (int i = 0; i < pixels.length; i += Image.CHANNELS) {
      rgb(pixels[i] * (6f / 360), pixels[i + 1], pixels[i + 2], pixels, i);
    }
  }

  /** {@code sixths}: the hue in sixths of a turn. */
  private static void rgb(float sixths, float saturation, float value, float[] out, int at) {
    if (saturation == 0) {
      out[at] = value;
      out[at + 1] = value;
      out[at + 2] = value;
      return;
    }
    float hue = sixths % 6;
    int sector = (int) Math.floor(hue);
    float share = hue - sector;
    if (sector < 0 || sector > 5) {
      sector = 0;
      share = 0;
    }
    int[] which = SECTORS[sector];
    for (int c = 0; c < Image.CHANNELS; c++) {
      out[at + c] =
          switch (which[c]) {
            case 0 -> value;
            case 1 -> value * (1 - saturation);
            case 2 -> value * (1 - saturation * share);
            default -> value * (1 - saturation * (1 - share));
          };
    }
  }
}
