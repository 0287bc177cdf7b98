package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.Region;
import io.elapid.data.image.Resize;
import io.elapid.data.image.Size;
import io.elapid.data.image.UnreadableImageException;
import java.util.List;

/**
 * A rectangle of random area and aspect ratio, resized to a square (Szegedy et al. 2015, in timm's
 * form): ten tries of a uniform share of the area and a log-uniform ratio width / height; if none
 * fits, the largest centred rectangle within the ratios.
 *
 * @param size side of the result in pixels
 * @param minArea smallest share of the picture's area, in (0, 1]
 * @param maxArea largest share of the picture's area, in [minArea, 1]
 * @param minRatio smallest width / height
 * @param maxRatio largest width / height
 */
public record RandomResizedCrop(
    int size,
    double minArea,
    double maxArea,
    double minRatio,
    double maxRatio,
    Interpolation interpolation)
    implements PictureTransform {

  private static final int TRIES = 10;

  public RandomResizedCrop {
    Checks.positive("size", size);
    Checks.ordered("area", minArea, maxArea);
    Checks.ordered("ratio", minRatio, maxRatio);
    if (maxArea > 1) {
      throw new IllegalArgumentException("maxArea must be at most 1, not " + maxArea);
    }
  }

  /** The published setting: area 0.08 to 1, ratio 3/4 to 4/3. */
  public static RandomResizedCrop of(int size, Interpolation interpolation) {
    return new RandomResizedCrop(size, 0.08, 1.0, 3.0 / 4.0, 4.0 / 3.0, interpolation);
  }

  @Override
  public List<Outcome> outcomes(Outcome picture) {
    return List.of(Outcome.exact(new Size(size, size)));
  }

  @Override
  public Image apply(Image image, long seed) {
    SplitMix random = new SplitMix(seed);
    Box box = draw(image.width(), image.height(), random);
    Resize.Filter filter = interpolation.filter(random);
    return Resize.resize(image, box.x, box.y, box.width, box.height, size, size, filter);
  }

  /**
   * What {@link #apply} would make of the picture in a file, decoding little more than the crop.
   *
   * @throws UnreadableImageException if it is no picture
   */
  public Image decodeAndApply(byte[] encoded, long seed) throws UnreadableImageException {
    SplitMix random = new SplitMix(seed);
    Image cropped =
        ImageCodec.decode(
            encoded,
            (width, height) -> {
              Box box = draw(width, height, random);
              return new Region(box.x, box.y, box.width, box.height);
            });
    return Resize.resize(cropped, size, size, interpolation.filter(random));
  }

  record Box(int x, int y, int width, int height) {}

  Box draw(int width, int height, SplitMix random) {
    double area = (double) width * height;
    for (int i = 0; i < TRIES; i++) {
      double target = random.uniform(minArea, maxArea) * area;
      double ratio =
          StrictMath.exp(random.uniform(StrictMath.log(minRatio), StrictMath.log(maxRatio)));
      int w = (int) Math.rint(Math.sqrt(target * ratio));
      int h = (int) Math.rint(Math.sqrt(target / ratio));
      if (w > 0 && h > 0 && w <= width && h <= height) {
        int y = random.nextInt(height - h + 1);
        int x = random.nextInt(width - w + 1);
        return new Box(x, y, w, h);
      }
    }
    return fallback(width, height);
  }

  private Box fallback(int width, int height) {
    double ratio = (double) width / height;
    int w = width;
    int h = height;
    if (ratio < minRatio) {
      h = (int) Math.rint(w / minRatio);
    } else if (ratio > maxRatio) {
      w = (int) Math.rint(h * maxRatio);
    }
    w = Math.max(1, Math.min(w, width));
    h = Math.max(1, Math.min(h, height));
    return new Box((width - w) / 2, (height - h) / 2, w, h);
  }
}
