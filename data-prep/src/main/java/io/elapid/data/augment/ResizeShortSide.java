package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.Resize;
import io.elapid.data.image.Size;
import java.util.List;

/**
 * Resizes so that the shorter side has {@code size} pixels and the aspect ratio stays; the longer
 * side is rounded down, as torchvision does.
 */
public record ResizeShortSide(int size, Interpolation interpolation) implements PictureTransform {
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
    Size to = resized(Size.of(image));
    if ((long) to.width() * to.height() > ImageCodec.MAX_PIXELS) {
      throw new UnusablePictureException(
          "%d x %d pixels would become %d x %d"
              .formatted(image.width(), image.height(), to.width(), to.height()));
    }
    Resize.Filter filter = interpolation.filter(new SplitMix(seed));
    return Resize.resize(image, to.width(), to.height(), filter);
  }

  @Override
  public String name() {
    return "resize";
  }

  private Size resized(Size from) {
    boolean wide = from.width() > from.height();
    int longer = wide ? from.width() : from.height();
    int shorter = wide ? from.height() : from.width();
    int other = (int) Math.min(Integer.MAX_VALUE, (long) size * longer / shorter);
    return wide ? new Size(other, size) : new Size(size, other);
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    return List.of(picture.withSize(resized(picture.size())));
  }
}
