package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import io.elapid.data.image.Image;
import io.elapid.data.target.TargetKind;
import java.util.EnumSet;
import java.util.Set;

/**
 * Changes brightness, contrast and saturation, in random order, each by a factor drawn from 1 -
 * strength to 1 + strength.
 *
 * @param brightness strength, 0 or more
 * @param contrast strength, 0 or more
 * @param saturation strength, 0 or more
 */
public record ColorJitter(double brightness, double contrast, double saturation)
    implements PictureTransform {
  private static final int[][] ORDERS = {
    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}
  };

  public ColorJitter {
    for (double strength : new double[] {brightness, contrast, saturation}) {
      if (!(strength >= 0 && strength < 100)) {
        throw new IllegalArgumentException("a strength must not be negative: " + strength);
      }
    }
  }

  @Override
  public Image apply(Image image, long seed) {
    SplitMix random = new SplitMix(seed);
    int[] order = ORDERS[random.nextInt(ORDERS.length)];
    double[] factors = {
      factor(brightness, random), factor(contrast, random), factor(saturation, random)
    };
    Image result = image;
    for (int which : order) {
      result =
          switch (which) {
            case 0 -> PixelOps.brightness(result, factors[0]);
            case 1 -> PixelOps.contrast(result, factors[1]);
            default -> PixelOps.color(result, factors[2]);
          };
    }
    return result;
  }

  @Override
  public Set<TargetKind> kinds() {
    return EnumSet.allOf(TargetKind.class);
  }

  private static double factor(double strength, SplitMix random) {
    return random.uniform(Math.max(0, 1 - strength), 1 + strength);
  }
}
