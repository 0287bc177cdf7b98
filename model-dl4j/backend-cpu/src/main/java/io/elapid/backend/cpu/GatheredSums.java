package io.elapid.backend.cpu;

import java.util.Arrays;

/**
 * Sums of numbers taken from anywhere in an array: the {@code t}-th part of number {@code i} is
 * {@code weights[t][i]} times number {@code indices[t][i]}. Where others have more parts, those
 * that lack are a number that is zero.
 */
final class GatheredSums {
  private final int[][] indices;
  private final float[][] weights;

  /** A multiple of the register width. */
  private final int count;

  private GatheredSums(int parts, int count, int zero) {
    this.count = count;
    indices = new int[parts][count];
    weights = new float[parts][count];
    for (int[] index : indices) {
      Arrays.fill(index, zero);
    }
  }

  /**
   * Columns of {@code rows} rows.
   *
   * @param fromStride from a row that is read to the next
   * @param toStride from a row that is written to the next
   * @param zero where zero is read
   */
  static GatheredSums of(PixelParts columns, int rows, int fromStride, int toStride, int zero) {
    int parts = Math.max(1, columns.most());
    GatheredSums sums = new GatheredSums(parts, Lanes.roundUp(rows * toStride), zero);
    for (int i = 0; i < columns.to(); i++) {
      for (int t = 0; t < columns.indices()[i].length; t++) {
        for (int row = 0; row < rows; row++) {
          sums.indices[t][row * toStride + i] = row * fromStride + columns.indices()[i][t];
          sums.weights[t][row * toStride + i] = columns.weights()[i][t];
        }
      }
    }
    return sums;
  }

  /** Writes all numbers, and behind them until the end of a register. */
  void write(float[] from, float[] to) {
    MapRows.take(from, indices[0], weights[0], to, count);
    for (int t = 1; t < indices.length; t++) {
      MapRows.addTaken(from, indices[t], weights[t], to, count);
    }
  }
}
