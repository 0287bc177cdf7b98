package io.elapid.data.augment;

import io.elapid.data.image.Image;

/**
 * Pillow's Gaussian blur: three running means along the rows and three along the columns, of a
 * window whose outermost pixels count in part, each rounded to bytes.
 */
final class GaussianBlur {
  private static final int PASSES = 3;
  private static final int SHIFT = 24;

  private final int reach;
  private final long inner;
  private final long outer;

  private GaussianBlur(float radius) {
    this.reach = (int) radius;
    this.inner = (long) ((1 << SHIFT) / (radius * 2 + 1));
    this.outer = ((1L << SHIFT) - (2L * reach + 1) * inner) / 2;
  }

  /**
   * A blurred picture.
   *
   * @param sigma in pixels; its sign does not matter
   */
  static Image blur(Image image, double sigma) {
    GaussianBlur blur = new GaussianBlur(boxRadius((float) sigma));
    int width = image.width();
    int height = image.height();
    byte[] values = image.rgb().clone();
    for (int y = 0; y < height; y++) {
      blur.lines(values, y * width * Image.CHANNELS, Image.CHANNELS, width);
    }
    for (int x = 0; x < width; x++) {
      blur.lines(values, x * Image.CHANNELS, width * Image.CHANNELS, height);
    }
    return new Image(width, height, values);
  }

  /** Of the window whose repeated mean has the variance that is asked for. */
  private static float boxRadius(float sigma) {
    float variance = sigma * sigma / PASSES;
    float length = (float) Math.sqrt(12.0 * variance + 1.0);
    float whole = (float) Math.floor((length - 1.0) / 2.0);
    float part = (float) ((2 * whole + 1) * (whole * (whole + 1) - 3.0 * variance));
    part = (float) (part / (6.0 * (variance - (whole + 1) * (whole + 1))));
    return whole + part;
  }

  private void lines(byte[] values, int first, int step, int length) {
    int[] in = new int[length];
    for (int channel = 0; channel < Image.CHANNELS; channel++) {
      for (int pass = 0; pass < PASSES; pass++) {
        for (int i = 0; i < length; i++) {
          in[i] = values[first + channel + i * step] & 0xFF;
        }
        for (int i = 0; i < length; i++) {
          values[first + channel + i * step] = (byte) mean(in, i);
        }
      }
    }
  }

  private int mean(int[] in, int at) {
    long sum = 0;
    for (int k = -reach; k <= reach; k++) {
      sum += value(in, at + k);
    }
    long ends = value(in, at - reach - 1) + value(in, at + reach + 1);
    return (int) ((sum * inner + ends * outer + (1 << (SHIFT - 1))) >> SHIFT);
  }

  private static long value(int[] in, int at) {
    return in[Math.max(0, Math.min(in.length - 1, at))];
  }
}
