package io.elapid.data.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds bytes of ones (0xFF), which begin every marker of a JPEG file: a whole register at once
 * where the Vector API is there, eight bytes at once elsewhere.
 */
final class OnesSearch {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private OnesSearch() {}

  /** Where the next one is, from {@code from} on; {@code end} if there is none before it. */
  static int next(byte[] bytes, int from, int end) {
    return Vectors.AVAILABLE ? Lanes.nextOnes(bytes, from, end) : nextOfWords(bytes, from, end);
  }

  static int nextOfWords(byte[] bytes, int from, int end) {
    int at = from;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      long zeros = ~(long) WORDS.get(bytes, at);
      // Borrows reach only upwards: the lowest bit that is set belongs to a byte of zeros.
      long found = zeros - 0x0101010101010101L & ~zeros & 0x8080808080808080L;
      if (found != 0) {
        return at + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
    }
    while (at < end && bytes[at] != (byte) 0xFF) {
      at++;
    }
    return at;
  }
}
