package io.elapid.data.image;

/** The bits of an entropy-coded segment, stuffed zeros taken out. */
final class JpegBits {
  private final byte[] bytes;
  private int position;
  private long buffer;
  private int available;
  private int missing;

  JpegBits(byte[] bytes, int position) {
    this.bytes = bytes;
    this.position = position;
  }

  /** At least 32 bits; zeros stand for what lies behind the next marker. */
  private void fill() {
    while (available <= 48) {
      int next = 0;
      if (missing == 0 && position < bytes.length) {
        next = bytes[position] & 0xFF;
        if (next == 0xFF) {
          if (position + 1 < bytes.length && bytes[position + 1] == 0) {
            position += 2;
          } else {
            missing = 8;
            next = 0;
          }
        } else {
          position++;
        }
      } else {
        missing += 8;
      }
      buffer = buffer << 8 | next;
      available += 8;
    }
  }

  /** Whether bits were taken that are not there. */
  boolean isOverdrawn() {
    return missing > available;
  }

  /** Value of the next code; -1 if no code begins like that. */
  int decode(JpegHuffman table) {
    if (available < 32) {
      fill();
    }
    int peek = (int) (buffer >>> (available - JpegHuffman.MAX_BITS)) & 0xFFFF;
    int entry = table.fast[peek >>> (JpegHuffman.MAX_BITS - JpegHuffman.FAST_BITS)];
    if (entry != 0) {
      available -= entry >> 8;
      return entry & 0xFF;
    }
    int length = JpegHuffman.FAST_BITS + 1;
    while (peek >= table.limit[length]) {
      length++;
    }
    if (length > JpegHuffman.MAX_BITS) {
      return -1;
    }
    int index = (peek >>> (JpegHuffman.MAX_BITS - length)) + table.delta[length];
    if (index < 0 || index >= table.values.length) {
      return -1;
    }
    available -= length;
    return table.values[index] & 0xFF;
  }

  /** A signed number of {@code size} bits, 1 to 15; to be called after {@link #decode}. */
  int receive(int size) {
    available -= size;
    int value = (int) (buffer >>> available) & ((1 << size) - 1);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  /** Steps over the bits that {@link #receive} would take. */
  void skip(int size) {
    available -= size;
  }

  /** Steps over a restart marker; false if there is none where it should be. */
  boolean restart() {
    available = 0;
    buffer = 0;
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
