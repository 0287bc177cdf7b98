package io.elapid.backend.cpu;

import java.util.Arrays;

/** Means over the {@code pool x pool} blocks of a map; {@code width} of them lie side by side. */
record Pooling(int pool, int width) {
  static Pooling of(Planes large, Planes small) {
    return new Pooling(large.width() / small.width(), small.width());
  }

  /** Writes the means of all blocks. */
  void mean(float[] map, float[] small) {
    Arrays.fill(small, 0);
    for (int row = 0; row * width * pool < map.length; row++) {
      addRow(map, row * width * pool, small, row / pool * width);
    }
    float area = pool * pool;
    for (int i = 0; i < small.length; i++) {
      small[i] /= area;
    }
  }

  private void addRow(float[] map, int in, float[] small, int out) {
    for (int j = 0; j < width; j++) {
      float sum = 0;
      for (int k = 0; k < pool; k++) {
        sum += map[in + j * pool + k];
      }
      small[out + j] += sum;
    }
  }

  /** Subtracts from every pixel of {@code map} that of {@code small} which stands for it. */
  void subtract(float[] small, float[] map) {
    for (int row = 0; row * width * pool < map.length; row++) {
      subtractRow(small, row / pool * width, map, row * width * pool);
    }
  }

  private void subtractRow(float[] small, int in, float[] map, int out) {
    for (int j = 0; j < width; j++) {
      float value = small[in + j];
      for (int k = 0; k < pool; k++) {
        map[out + j * pool + k] -= value;
      }
    }
  }
}
