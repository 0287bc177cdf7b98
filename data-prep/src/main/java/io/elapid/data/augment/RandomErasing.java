package io.elapid.data.augment;

import io.elapid.data.SplitMix;
import java.nio.FloatBuffer;

/**
 * Replaces a rectangle of a normalised picture by noise (Zhong et al. 2020, in timm's form): ten
 * tries of a uniform share of the area and a log-uniform ratio height / width.
 *
 * @param probability of a picture being changed, 0 to 1
 * @param minArea smallest share of the area
 * @param maxArea largest share of the area
 * @param minRatio smallest height / width; the largest is 1 / minRatio
 */
public record RandomErasing(double probability, double minArea, double maxArea, double minRatio) {
  private static final int TRIES = 10;

  public RandomErasing {
    Checks.probability(probability);
    Checks.ordered("area", minArea, maxArea);
    Checks.ordered("ratio", minRatio, 1 / minRatio);
    if (maxArea > 1) {
      throw new IllegalArgumentException("maxArea must be at most 1, not " + maxArea);
    }
  }

  /** The published setting: 2 % to a third of the area, ratio 0.3 to 3.33. */
  public static RandomErasing of(double probability) {
    return new RandomErasing(probability, 0.02, 1.0 / 3, 0.3);
  }

  record Box(int x, int y, int width, int height) {}

  /**
   * Changes the picture (channels, size, size) at {@code offset}, or leaves it.
   *
   * @param seed fixes every random choice
   */
  public void apply(FloatBuffer planes, int offset, int channels, int size, long seed) {
    SplitMix random = new SplitMix(seed);
    Box box = draw(size, random);
    if (box == null) {
      return;
    }
    for (int channel = 0; channel < channels; channel++) {
      for (int y = box.y; y < box.y + box.height; y++) {
        int row = offset + (channel * size + y) * size;
        for (int x = box.x; x < box.x + box.width; x++) {
          planes.put(row + x, (float) Draws.normal(random));
        }
      }
    }
  }

  /** Null where nothing is erased. */
  Box draw(int size, SplitMix random) {
    if (random.nextDouble() >= probability) {
      return null;
    }
    double area = (double) size * size;
    for (int i = 0; i < TRIES; i++) {
      double target = random.uniform(minArea, maxArea) * area;
      double bound = StrictMath.log(minRatio);
      double ratio = StrictMath.exp(random.uniform(bound, -bound));
      int height = (int) Math.rint(Math.sqrt(target * ratio));
      int width = (int) Math.rint(Math.sqrt(target / ratio));
      if (width > 0 && height > 0 && width < size && height < size) {
        int y = random.nextInt(size - height + 1);
        int x = random.nextInt(size - width + 1);
        return new Box(x, y, width, height);
      }
    }
    return null;
  }
}
