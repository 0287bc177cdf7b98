package io.elapid.data.augment;

import io.elapid.data.image.Image;
import io.elapid.data.image.Resize;
import io.elapid.data.image.Size;
import java.util.List;

/**
 * The middle square of a picture; a picture that is too small is padded with black. Half pixels go
 * to the even side, as Python rounds them.
 *
 * @param size side of the square in pixels
 */
public record CenterCrop(int size) implements PictureTransform {
  public CenterCrop {
    Checks.positive("size", size);
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    return List.of(Outcome.exact(new Size(size, size)));
  }

  @Override
  public Image apply(Image image, long seed) {
    Image padded = padded(image);
    int x = (int) Math.rint((padded.width() - size) / 2.0);
    int y = (int) Math.rint((padded.height() - size) / 2.0);
    return Resize.crop(padded, x, y, size, size);
  }

  private Image padded(Image image) {
    int width = Math.max(size, image.width());
    int height = Math.max(size, image.height());
    if (width == image.width() && height == image.height()) {
      return image;
    }
    int left = (width - image.width()) / 2;
    int top = (height - image.height()) / 2;
    byte[] out = new byte[width * height * Image.CHANNELS];
    int rowBytes = image.width() * Image.CHANNELS;
    for (int row = 0; row < image.height(); row++) {
      int to = ((top + row) * width + left) * Image.CHANNELS;
      System.arraycopy(image.rgb(), row * rowBytes, out, to, rowBytes);
    }
    return new Image(width, height, out);
  }
}
