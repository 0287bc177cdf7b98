package io.elapid.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Checks of the buffers that callers hand in. */
final class Buffers {
  private Buffers() {}

  /** The remaining bytes as native-order floats, of which there must be {@code length}. */
  static ByteBuffer result(ByteBuffer buffer, int length) {
    if (buffer.remaining() != length * Float.BYTES || !buffer.isDirect() || buffer.isReadOnly()) {
      throw new IllegalArgumentException(
          "the sum needs a writable direct buffer of " + length + " floats, got " + buffer);
    }
    return buffer.slice().order(ByteOrder.nativeOrder());
  }
}
