package io.elapid.data.augment;

import io.elapid.data.image.Image;
import io.elapid.data.image.Resize;

/**
 * The value of a picture between its pixels, as Pillow's transforms see it.
 *
 * <p>Bicubic is Keys' convolution with a = -1 here, and values are cut instead of rounded; both
 * differ from Pillow's resizing, and both are Pillow's.
 */
final class WarpSampler {
  private final Image image;
  private final boolean cubic;

  WarpSampler(Image image, Resize.Filter filter) {
    this.image = image;
    this.cubic = filter == Resize.Filter.BICUBIC;
  }

  /**
   * Writes the pixel whose corner-based coordinates are (x, y) at {@code to}.
   *
   * @return false, and nothing is written, if they are outside of the picture
   */
  boolean write(double x, double y, byte[] out, int to) {
    if (!(x >= 0 && x < image.width() && y >= 0 && y < image.height())) {
      return false;
    }
    if (cubic) {
      cubic(x - 0.5, y - 0.5, out, to);
    } else {
      linear(x - 0.5, y - 0.5, out, to);
    }
    return true;
  }

  private void linear(double sourceX, double sourceY, byte[] out, int to) {
    int x = (int) Math.floor(sourceX);
    int y = (int) Math.floor(sourceY);
    double dx = sourceX - x;
    double dy = sourceY - y;
    int x0 = column(x);
    int x1 = column(x + 1);
    for (int c = 0; c < Image.CHANNELS; c++) {
      int upper = row(y) + c;
      double top = mix(at(upper + x0), at(upper + x1), dx);
      double bottom = top;
      if (y + 1 >= 0 && y + 1 < image.height()) {
        int lower = row(y + 1) + c;
        bottom = mix(at(lower + x0), at(lower + x1), dx);
      }
      out[to + c] = (byte) mix(top, bottom, dy);
    }
  }

  private static double mix(double a, double b, double share) {
    return a + (b - a) * share;
  }

  private void cubic(double sourceX, double sourceY, byte[] out, int to) {
    int x = (int) Math.floor(sourceX);
    int y = (int) Math.floor(sourceY);
    double dx = sourceX - x;
    double dy = sourceY - y;
    int x0 = column(x - 1);
    int x1 = column(x);
    int x2 = column(x + 1);
    int x3 = column(x + 2);
    for (int c = 0; c < Image.CHANNELS; c++) {
      double before = 0;
      double[] v = new double[4];
      for (int k = 0; k < 4; k++) {
        int line = y - 1 + k;
        if (k == 0 || (line >= 0 && line < image.height())) {
          int from = row(line) + c;
          before = cubic(at(from + x0), at(from + x1), at(from + x2), at(from + x3), dx);
        }
        v[k] = before;
      }
      double value = cubic(v[0], v[1], v[2], v[3], dy);
      out[to + c] = (byte) (value <= 0 ? 0 : value >= 255 ? 255 : (int) value);
    }
  }

  private static double cubic(double v1, double v2, double v3, double v4, double d) {
    double p2 = -v1 + v3;
    double p3 = 2 * (v1 - v2) + v3 - v4;
    double p4 = -v1 + v2 - v3 + v4;
    return v2 + d * (p2 + d * (p3 + d * p4));
  }

  private int at(int index) {
    return image.rgb()[index] & 0xFF;
  }

  private int column(int x) {
    return Math.max(0, Math.min(image.width() - 1, x)) * Image.CHANNELS;
  }

  private int row(int y) {
    return Math.max(0, Math.min(image.height() - 1, y)) * image.width() * Image.CHANNELS;
  }
}
