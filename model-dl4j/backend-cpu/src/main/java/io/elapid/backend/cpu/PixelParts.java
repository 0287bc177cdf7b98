package io.elapid.backend.cpu;

import io.elapid.kernel.Resampling;
import io.elapid.kernel.Resampling.Taps;
import java.util.Arrays;

/**
 * What the pixels along one dimension of a map are made of: pixel {@code i} is the sum of {@code
 * weights[i][t]} times pixel {@code indices[i][t]} of the {@code from} there were.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PixelParts(int[][] indices, float[][] weights, int from) {
  static PixelParts of(Resampling rule, int from, int to) {
    PixelParts parts = new PixelParts(new int[to][], new float[to][], from);
    for (int i = 0; i < to; i++) {
      Taps taps = rule.taps(i, from, to);
      int count = taps.weights().length;
      parts.indices[i] = new int[count];
      parts.weights[i] = new float[count];
      for (int t = 0; t < count; t++) {
        parts.indices[i][t] = taps.first() + t;
        parts.weights[i][t] = (float) taps.weights()[t];
      }
    }
    return parts;
  }

  int to() {
    return indices.length;
  }

  /** The most parts that a pixel has. */
  int most() {
    return Arrays.stream(indices).mapToInt(parts -> parts.length).max().orElse(0);
  }

  /** The reverse: each pixel from what it is a part of. */
  PixelParts transposed() {
    int[] counts = new int[from];
    for (int[] parts : indices) {
      for (int index : parts) {
        counts[index]++;
      }
    }
    PixelParts result = new PixelParts(new int[from][], new float[from][], to());
    for (int i = 0; i < from; i++) {
      result.indices[i] = new int[counts[i]];
      result.weights[i] = new float[counts[i]];
    }
    Arrays.fill(counts, 0);
    for (int i = 0; i < to(); i++) {
      for (int t = 0; t < indices[i].length; t++) {
        int index = indices[i][t];
        result.indices[index][counts[index]] = i;
        result.weights[index][counts[index]++] = weights[i][t];
      }
    }
    return result;
  }
}
