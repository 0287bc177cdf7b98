package io.elapid.data.augment;

import io.elapid.data.image.Image;
import io.elapid.data.image.Resize;

/**
 * Pillow's affine transform of a picture onto its own size: output pixel (x, y) shows the input at
 * (a (x + .5) + b (y + .5) + c, d (x + .5) + e (y + .5) + f), or {@link #FILL} where there is none.
 */
final class AffineWarp {
  /** ImageNet's mean colour, as the published recipes fill. */
  private static final byte[] FILL = {124, 116, 104};

  private final Image image;
  private final WarpSampler sampler;

  private AffineWarp(Image image, Resize.Filter filter) {
    this.image = image;
    this.sampler = new WarpSampler(image, filter);
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
        if (!sampler.write(sourceX, sourceY, out, to)) {
          System.arraycopy(FILL, 0, out, to, FILL.length);
        }
      }
    }
    return new Image(width, height, out);
  }
}
