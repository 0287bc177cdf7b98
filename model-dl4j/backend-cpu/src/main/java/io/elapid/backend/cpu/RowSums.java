package io.elapid.backend.cpu;

/**
 * Sums of rows of a map, which are taken in pairs: pair {@code k} is {@code weights[2 k]} times the
 * row at {@code starts[2 k]} and {@code weights[2 k + 1]} times that at {@code starts[2 k + 1]}.
 * Row {@code i} is the sum of the pairs from {@code firsts[i]} to {@code firsts[i + 1]}.
 */
final class RowSums {
  private final int[] firsts;
  private final int[] starts;
  private final float[] weights;

  /** From a row that is written to the next. */
  private final int stride;

  private RowSums(int rows, int pairs, int stride) {
    firsts = new int[rows + 1];
    starts = new int[2 * pairs];
    weights = new float[2 * pairs];
    this.stride = stride;
  }

  static RowSums of(PixelParts rows, int fromStride, int toStride) {
    int pairs = 0;
    for (int[] parts : rows.indices()) {
      pairs += Math.max(1, (parts.length + 1) / 2);
    }
    RowSums sums = new RowSums(rows.to(), pairs, toStride);
    int next = 0;
    for (int i = 0; i < rows.to(); i++) {
      sums.firsts[i] = next;
      next = sums.put(rows.indices()[i], rows.weights()[i], fromStride, next);
    }
    sums.firsts[rows.to()] = next;
    return sums;
  }

  /** A part that is left over makes a pair of halves, which add up to it exactly. */
  private int put(int[] parts, float[] factors, int fromStride, int pair) {
    int next = 2 * pair;
    for (int t = 0; t < parts.length; t++) {
      boolean isLeft = t + 1 == parts.length && t % 2 == 0;
      for (int half = isLeft ? 2 : 1; half > 0; half--) {
        starts[next] = parts[t] * fromStride;
        weights[next++] = isLeft ? factors[t] / 2 : factors[t];
      }
    }
    return Math.max(pair + 1, next / 2);
  }

  /** Writes all rows, the first first, each until the end of a register. */
  void write(float[] from, float[] to, int width) {
    MapRows.sums(from, firsts, starts, weights, to, stride, width);
  }
}
