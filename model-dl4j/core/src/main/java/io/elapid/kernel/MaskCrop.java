package io.elapid.kernel;

import java.util.Arrays;

/**
 * The part of a bitmap that lies in a box, in a size that a mask head predicts: the box is cut at
 * the picture's border, then comes RoIAlign of the bitmap, aligned, with one sample per pixel.
 */
public final class MaskCrop {
  /**
   * Means of exactly a half count as inside, whatever the rounding of their sums: that is far below
   * this.
   */
  private static final double HALF = 0.5 - 1e-9;

  private MaskCrop() {}

  /**
   * How much of each of {@code size x size} bins is inside, 0 to 1.
   *
   * @param mask 1 inside and 0 outside, {@code height x width}
   * @param box in pixels of the bitmap; its picture does not matter
   */
  public static double[] means(byte[] mask, int width, int height, Roi box, int size) {
    RoiPooling pooling = new RoiPooling(size, size, 0, RoiPooling.Alignment.ALIGNED, 1, 1);
    Roi inside = clip(box, width, height);
    RoiWeights rows = RoiWeights.of(pooling.rows(inside, 0), size, height);
    RoiWeights columns = RoiWeights.of(pooling.columns(inside, 0), size, width);
    double[] means = new double[size * size];
    double[] line = new double[width];
    int begin = columns.begin();
    int end = columns.end();
    for (int row = 0; row < size; row++) {
      Arrays.fill(line, begin, Math.max(begin, end), 0);
      for (int i = 0; i < rows.count(row); i++) {
        double weight = rows.weights()[rows.offset()[row] + i];
        int at = (rows.first()[row] + i) * width;
        for (int x = begin; x < end; x++) {
          line[x] += weight * mask[at + x];
        }
      }
      for (int column = 0; column < size; column++) {
        double sum = 0;
        for (int i = 0; i < columns.count(column); i++) {
          sum +=
              columns.weights()[columns.offset()[column] + i] * line[columns.first()[column] + i];
        }
        means[row * size + column] = sum;
      }
    }
    return means;
  }

  private static Roi clip(Roi box, int width, int height) {
    return new Roi(
        box.image(),
        clip(box.x1(), width),
        clip(box.y1(), height),
        clip(box.x2(), width),
        clip(box.y2(), height));
  }

  private static double clip(double position, int length) {
    return Math.max(0, Math.min(length, position));
  }

  /**
   * Writes 1 for the bins that are inside by half or more and 0 for the others, {@code size x size}
   * of them from {@code at} on.
   *
   * @param mask 1 inside and 0 outside, {@code height x width}
   * @param box in pixels of the bitmap; its picture does not matter
   */
  public static void target(
      byte[] mask, int width, int height, Roi box, int size, float[] target, int at) {
    double[] means = means(mask, width, height, box, size);
    for (int i = 0; i < means.length; i++) {
      target[at + i] = means[i] >= HALF ? 1 : 0;
    }
  }
}
