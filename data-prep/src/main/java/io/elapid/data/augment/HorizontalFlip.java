package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;

/**
 * Swaps left and right for a share of the pictures.
 *
 * @param probability of a flip, 0 to 1
 */
public record HorizontalFlip(double probability) implements Transform {
  public HorizontalFlip {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("probability must be in 0..1, not " + probability);
    }
  }

  @Override
  public Image apply(Image image, long seed) {
    return new SplitMix(seed).nextDouble() < probability ? flipped(image) : image;
  }

  private static Image flipped(Image image) {
    byte[] in = image.rgb();
    byte[] out = new byte[in.length];
    int rowBytes = image.width() * Image.CHANNELS;
    for (int row = 0; row < in.length; row += rowBytes) {
      int from = row;
      for (int to = row + rowBytes - Image.CHANNELS; to >= row; to -= Image.CHANNELS) {
        out[to] = in[from];
        out[to + 1] = in[from + 1];
        out[to + 2] = in[from + 2];
        from += Image.CHANNELS;
      }
    }
    return new Image(image.width(), image.height(), out);
  }
}
