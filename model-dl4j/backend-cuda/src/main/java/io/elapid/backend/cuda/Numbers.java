package io.elapid.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Numbers in direct buffers, from which a device is given its tables. Where there are none the
 * buffer has room for one: a device has no empty memory.
 */
final class Numbers {
  private Numbers() {}

  static ByteBuffer ints(int... numbers) {
    ByteBuffer bytes = room(numbers.length, Integer.BYTES);
    bytes.asIntBuffer().put(numbers);
    return bytes;
  }

  static ByteBuffer floats(float... numbers) {
    ByteBuffer bytes = room(numbers.length, Float.BYTES);
    bytes.asFloatBuffer().put(numbers);
    return bytes;
  }

  static ByteBuffer doubles(double... numbers) {
    ByteBuffer bytes = room(numbers.length, Double.BYTES);
    bytes.asDoubleBuffer().put(numbers);
    return bytes;
  }

  private static ByteBuffer room(int count, int bytes) {
    return ByteBuffer.allocateDirect(Math.max(1, count) * bytes).order(ByteOrder.nativeOrder());
  }
}
