package io.elapid.data.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The bits of an entropy-coded segment, stuffed zeros taken out, and the blocks they encode. */
final class JpegBits {
  /** Coefficients of a block. */
  static final int BLOCK = 64;

  /** A code and the number behind it have at most 31 bits. */
  private static final int ENOUGH = 32;

  private static final VarHandle FOUR_BYTES =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] bytes;
  private int position;

  /** The next bits from the highest on; zeros behind those that are available. */
  private long bits;

  private int available;

  /** Bits among those available that are not in the file. */
  private int missing;

  JpegBits(byte[] bytes, int position) {
    this.bytes = bytes;
    this.position = position;
  }

  /**
   * The next block.
   *
   * @param previous the last block's mean
   * @param scale of each coefficient, in the file's order
   * @param out receives coefficients other than 0, scaled, at {@code base + order[i]}
   * @param order where the i-th coefficient of the file belongs
   * @return the block's mean, still without its scale; {@link Integer#MIN_VALUE} for damaged data
   */
  int block(
      JpegHuffman dc, JpegHuffman ac, int previous, int[] scale, int[] out, int base, int[] order) {
    if (available < ENOUGH) {
      fill();
    }
    int code = dc.code((int) (bits >>> 48));
    int size = code & 0xFF;
    if (code < 0 || size > 11) {
      return Integer.MIN_VALUE;
    }
    bits <<= code >> 8;
    int mean = previous;
    if (size > 0) {
      mean += JpegHuffman.number((int) (bits >>> (64 - size)), size);
      bits <<= size;
    }
    available -= (code >> 8) + size;
    out[base] = mean * scale[0];
    return coefficients(ac, scale, out, base, order) ? mean : Integer.MIN_VALUE;
  }

  /** The hot loop: it keeps the bits in local variables, which end up in registers. */
  private boolean coefficients(JpegHuffman table, int[] scale, int[] out, int base, int[] order) {
    int[] lookup = table.coefficients;
    long next = bits;
    int left = available;
    for (int k = 1; k < BLOCK; k++) {
      if (left < ENOUGH) {
        int four = position + 4 <= bytes.length ? (int) FOUR_BYTES.get(bytes, position) : -1;
        if (hasMarker(four)) {
          bits = next;
          available = left;
          fill();
          next = bits;
          left = available;
        } else {
          next |= (four & 0xFFFF_FFFFL) << (32 - left);
          left += 32;
          position += 4;
        }
      }
      int entry = lookup[(int) (next >>> (64 - JpegHuffman.COEFFICIENT_BITS))];
      if (entry == 0) {
        entry = longCode(table, next);
        if (entry == 0) {
          return false;
        }
      }
      int taken = entry & 0xFF;
      next <<= taken;
      left -= taken;
      k += (entry >> 8) & 0xFF;
      if (k >= BLOCK) {
        bits = next;
        available = left;
        return k > 2 * BLOCK - 2;
      }
      out[base + order[k]] = (entry >> 16) * scale[k];
    }
    bits = next;
    available = left;
    return true;
  }

  /** As in {@link JpegHuffman#coefficients}, for what that table has no room for; 0 if damaged. */
  private static int longCode(JpegHuffman table, long next) {
    int code = table.code((int) (next >>> 48));
    if (code < 0) {
      return 0;
    }
    int length = code >> 8;
    int size = code & 15;
    int number = size == 0 ? 0 : JpegHuffman.number((int) (next << length >>> (64 - size)), size);
    return number << 16 | JpegHuffman.run(code & 0xFF) << 8 | (length + size);
  }

  /** Whether one of the bytes is 0xFF. */
  private static boolean hasMarker(int four) {
    int inverse = ~four;
    return ((inverse - 0x0101_0101) & four & 0x8080_8080) != 0;
  }

  /** At least 56 bits; zeros stand for what lies behind the next marker. */
  private void fill() {
    while (available <= 56) {
      long next = 0;
      if (missing == 0 && position < bytes.length) {
        next = bytes[position] & 0xFF;
        if (next != 0xFF) {
          position++;
        } else if (position + 1 < bytes.length && bytes[position + 1] == 0) {
          position += 2;
        } else {
          next = 0;
          missing = 8;
        }
      } else {
        missing += 8;
      }
      bits |= next << (56 - available);
      available += 8;
    }
  }

  /** Whether bits were taken that are not there. */
  boolean isOverdrawn() {
    return missing > available;
  }

  /** Steps over a restart marker; false if there is none where it should be. */
  boolean restart() {
    available = 0;
    bits = 0;
    missing = 0;
    while (position + 1 < bytes.length) {
      int code = bytes[position + 1] & 0xFF;
      if (bytes[position] == (byte) 0xFF && code >= 0xD0 && code <= 0xD7) {
        position += 2;
        return true;
      }
      if (bytes[position] != (byte) 0xFF || code != 0xFF) {
        return false;
      }
      position++;
    }
    return false;
  }
}
