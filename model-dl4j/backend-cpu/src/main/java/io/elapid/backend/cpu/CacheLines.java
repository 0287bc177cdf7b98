package io.elapid.backend.cpu;

import io.elapid.kernel.Tensor;

/**
 * Scratch in which registers do not lie in two lines of the cache, each half of which would have to
 * be read and written apart.
 *
 * <p>The JVM aligns arrays to 8 bytes and tells nobody where they lie. But G1, its collector unless
 * another is asked for, begins a region of its heap for every array that takes half of one, and
 * never moves it: its numbers lie 16 bytes behind the beginning. Where heaps are larger or
 * collectors others, loops take longer and compute the same.
 */
final class CacheLines {
  /** The first number with which a line begins. */
  static final int FIRST = (Tensor.LINE_BYTES - 16) / Float.BYTES;

  /** Numbers of an array that takes half of a region of 8 MB, those of heaps up to 32 GB. */
  private static final int LARGE = 1 << 20;

  private CacheLines() {}

  /** An array with room for {@code size} numbers from {@link #FIRST} on. */
  static float[] array(int size) {
    return new float[Math.max(FIRST + size, LARGE)];
  }
}
