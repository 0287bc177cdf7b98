package io.elapid.collective;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Adds vectors that lie in direct memory. Works through heap arrays that fit the first-level cache:
 * loops over arrays are vectorised by the compiler, loops over buffers are not.
 */
final class FloatBlocks {
  static final int BLOCK = 2048;

  private final float[] left = new float[BLOCK];
  private final float[] right = new float[BLOCK];

  /** target += addend, over elements {@code from} to {@code to} counted from their positions. */
  void add(ByteBuffer target, ByteBuffer addend, int from, int to) {
    FloatBuffer t = target.asFloatBuffer();
    FloatBuffer a = addend.asFloatBuffer();
    for (int at = from; at < to; at += BLOCK) {
      int n = Math.min(BLOCK, to - at);
      t.get(at, left, 0, n);
      a.get(at, right, 0, n);
      add(left, right, n);
      t.put(at, left, 0, n);
    }
  }

  static void add(float[] target, float[] addend, int length) {
    for (int i = 0; i < length; i++) {
      target[i] += addend[i];
    }
  }
}
