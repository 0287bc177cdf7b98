package io.elapid.data.image;

import java.util.Arrays;

/** A Huffman table (ITU T.81 annex C), looked up several bits at a time. */
final class JpegHuffman {
  static final int MAX_BITS = 16;

  /** Of codes that are found at once. */
  private static final int CODE_BITS = 9;

  /** Of codes and the numbers behind them that are found at once. */
  static final int COEFFICIENT_BITS = 10;

  /** Where a block ends: further than any coefficient. */
  private static final int END_OF_BLOCK = 0x7F;

  private static final int SIXTEEN_ZEROS = 0xF0;

  /**
   * By the next {@link #CODE_BITS}: length of the code << 8 | value; 0 where the code is longer.
   */
  private final short[] fast = new short[1 << CODE_BITS];

  /** By length: the largest code of it, left-aligned in 16 bits, exclusive. */
  private final int[] limit = new int[MAX_BITS + 2];

  /** By length: what to add to a code to get its value's index. */
  private final int[] delta = new int[MAX_BITS + 1];

  private final byte[] values;

  /**
   * For a table of coefficients, by the next {@link #COEFFICIENT_BITS}: the coefficient << 16 | the
   * zeros in front of it << 8 | all bits taken; 0 where they are more.
   */
  final int[] coefficients = new int[1 << COEFFICIENT_BITS];

  /**
   * The table of a DHT segment.
   *
   * @param from where the counts of codes of length 1 to 16 begin; the values follow
   * @return null if there are more codes than lengths allow
   */
  static JpegHuffman of(byte[] bytes, int from) {
    int total = 0;
    for (int i = 0; i < MAX_BITS; i++) {
      total += bytes[from + i] & 0xFF;
    }
    JpegHuffman table = new JpegHuffman(total);
    System.arraycopy(bytes, from + MAX_BITS, table.values, 0, total);
    if (!table.codes(bytes, from)) {
      return null;
    }
    table.coefficients();
    return table;
  }

  private JpegHuffman(int total) {
    this.values = new byte[total];
  }

  private boolean codes(byte[] bytes, int from) {
    int code = 0;
    int index = 0;
    for (int length = 1; length <= MAX_BITS; length++) {
      int count = bytes[from + length - 1] & 0xFF;
      delta[length] = index - code;
      if (code + count > 1 << length) {
        return false;
      }
      for (int i = 0; i < count; i++, code++, index++) {
        if (length <= CODE_BITS) {
          short entry = (short) (length << 8 | (values[index] & 0xFF));
          int first = code << (CODE_BITS - length);
          Arrays.fill(fast, first, first + (1 << (CODE_BITS - length)), entry);
        }
      }
      limit[length] = code << (MAX_BITS - length);
      code <<= 1;
    }
    limit[MAX_BITS + 1] = Integer.MAX_VALUE;
    return true;
  }

  private void coefficients() {
    for (int next = 0; next < coefficients.length; next++) {
      int entry = fast[next >> (COEFFICIENT_BITS - CODE_BITS)];
      int size = entry & 15;
      int total = (entry >> 8) + size;
      if (entry != 0 && total <= COEFFICIENT_BITS) {
        int number = size == 0 ? 0 : number(next >> (COEFFICIENT_BITS - total), size);
        coefficients[next] = number << 16 | run(entry & 0xFF) << 8 | total;
      }
    }
  }

  /** Zeros in front of the next coefficient. Sixteen of them are fifteen and a coefficient of 0. */
  static int run(int value) {
    return (value & 15) != 0 || value == SIXTEEN_ZEROS ? value >> 4 : END_OF_BLOCK;
  }

  /** The signed number that the lowest {@code size} bits, 1 to 15, stand for. */
  static int number(int bits, int size) {
    int value = bits & ((1 << size) - 1);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  /**
   * The code that the next 16 bits begin with: its length << 8 | its value, or -1 if there is none.
   */
  int code(int next) {
    int entry = fast[next >>> (MAX_BITS - CODE_BITS)];
    if (entry != 0) {
      return entry;
    }
    int length = CODE_BITS + 1;
    while (next >= limit[length]) {
      length++;
    }
    if (length > MAX_BITS) {
      return -1;
    }
    int index = (next >>> (MAX_BITS - length)) + delta[length];
    return index < 0 || index >= values.length ? -1 : length << 8 | (values[index] & 0xFF);
  }
}
