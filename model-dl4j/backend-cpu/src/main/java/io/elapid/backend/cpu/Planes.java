package io.elapid.backend.cpu;

import io.elapid.kernel.Tensor;
import java.nio.FloatBuffer;

/**
 * The maps of a float tensor {@code (B, C, H, W)}, one by one as arrays, for plain loops.
 *
 * <p>Not on registers: taking neighbouring pixels apart or putting them together would need two
 * shuffles for each register, and the API checks the lanes of each whenever it is used, some 25
 * instructions in compiled code: hardly fewer than plain loops have, and rows of 7 to 28 pixels
 * would leave registers partly empty. {@code MapBenchmark} sets these loops against what memory
 * takes.
 */
record Planes(FloatBuffer memory, int count, int height, int width) {
  static Planes of(Tensor tensor) {
    return new Planes(
        tensor.bytes().asFloatBuffer(),
        tensor.dim(0) * tensor.dim(1),
        tensor.dim(2),
        tensor.dim(3));
  }

  /** Pixels of a map. */
  int size() {
    return height * width;
  }

  /** An array for one map. */
  float[] empty() {
    return new float[size()];
  }

  /** Copies map {@code index} to the array. */
  void read(int index, float[] map) {
    memory.get(index * size(), map, 0, size());
  }

  /** Copies the array to map {@code index}. */
  void write(int index, float[] map) {
    memory.put(index * size(), map, 0, size());
  }
}
