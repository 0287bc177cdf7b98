package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.image.Resize;

/**
 * Resizes so that the shorter side has {@code size} pixels and the aspect ratio stays; the longer
 * side is rounded down, as torchvision does.
 */
public record ResizeShortSide(int size, Interpolation interpolation) implements Transform {
  public ResizeShortSide {
    Checks.positive("size", size);
  }

  /** The size from which a crop of {@code imageSize} keeps {@code cropShare} of each side. */
  public static ResizeShortSide forCrop(
      int imageSize, double cropShare, Interpolation interpolation) {
    if (!(cropShare > 0 && cropShare <= 1)) {
      throw new IllegalArgumentException("the share of a crop must be in (0, 1]: " + cropShare);
    }
    return new ResizeShortSide((int) Math.floor(imageSize / cropShare), interpolation);
  }

  @Override
  public Image apply(Image image, long seed) {
    int width = image.width();
    int height = image.height();
    boolean wide = width > height;
    int other = (int) ((long) size * (wide ? width : height) / (wide ? height : width));
    int newWidth = wide ? other : size;
    int newHeight = wide ? size : other;
    Resize.Filter filter = interpolation.filter(new SplitMix(seed));
    return Resize.resize(image, newWidth, newHeight, filter);
  }
}
