package io.elapid.data.augment;

import io.elapid.data.image.Image;
import io.elapid.data.image.Resize;

/**
 * Pillow's affine transform of a picture onto its own size: output pixel (x, y) shows the input at
 * (a (x + .5) + b (y + .5) + c, d (x + .5) + e (y + .5) + f), or {@link #FILL} where there is none.
 *
 * <p>Bicubic is Keys' convolution with a = -1 here, and values are cut instead of rounded; both
 * differ from Pillow's resizing, and both are Pillow's.
 */
final class AffineWarp {
  /** ImageNet's mean colour, as the published recipes fill. */
  private static final byte[] FILL = {124, 116, 104};

  private final Image image;
  private final boolean cubic;

  private AffineWarp(Image image, Resize.Filter filter) {
    this.image = image;
    this.cubic = filter == Resize.Filter.BICUBIC;
  }

  /** Turns counter-clockwise about the middle. */
  static Image rotate(Image image, double degrees, Resize.Filter filter) {
    double angle = -StrictMath.toRadians(degrees % 360);
    double cos = rounded(StrictMath.cos(angle));
    double sin = rounded(StrictMath.sin(angle));
    double x = image.width() / 2.0;
    double y = image.height() / 2.0;
    double c = cos * -x + sin * -y + x;
    double f = -sin * -x + cos * -y + y;
    return new AffineWarp(image, filter).warp(cos, sin, c, -sin, cos, f);
  }

  private static double rounded(double value) {
    return Math.rint(value * 1e15) / 1e15;
  }

  static Image shearX(Image image, double factor, Resize.Filter filter) {
    return new AffineWarp(image, filter).warp(1, factor, 0, 0, 1, 0);
  }

  static Image shearY(Image image, double factor, Resize.Filter filter) {
    return new AffineWarp(image, filter).warp(1, 0, 0, factor, 1, 0);
  }

  /** Moves left by a share of the width. */
  static Image translateX(Image image, double share, Resize.Filter filter) {
    return new AffineWarp(image, filter).warp(1, 0, share * image.width(), 0, 1, 0);
  }

  /** Moves up by a share of the height. */
  static Image translateY(Image image, double share, Resize.Filter filter) {
    return new AffineWarp(image, filter).warp(1, 0, 0, 0, 1, share * image.height());
  }

  private Image warp(double a, double b, double c, double d, double e, double f) {
    int width = image.width();
    int height = image.height();
    byte[] out = new byte[image.rgb().length];
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++, to += Image.CHANNELS) {
        double sourceX = a * (x + 0.5) + b * (y + 0.5) + c;
        double sourceY = d * (x + 0.5) + e * (y + 0.5) + f;
        boolean inside = sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height;
        if (!inside) {
          System.arraycopy(FILL, 0, out, to, FILL.length);
        } else if (cubic) {
          cubic(sourceX - 0.5, sourceY - 0.5, out, to);
        } else {
          linear(sourceX - 0.5, sourceY - 0.5, out, to);
        }
      }
    }
    return new Image(width, height, out);
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
