package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.Tensor;
import java.nio.FloatBuffer;

/**
 * The maps of a float tensor {@code (B, C, H, W)}, one by one as arrays: loops over rows of them
 * may go on to the end of a register. Patches and regions, which pick single pixels and do nothing
 * with them or have rows of a few pixels only, are plain loops.
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

  /**
   * An array for one map. What lies behind it a register long may be overwritten; the number behind
   * that stays zero.
   */
  float[] empty() {
    return new float[size() + WIDTH + 1];
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
