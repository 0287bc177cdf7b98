package io.elapid.data.image;

/** A Huffman table (ITU T.81 annex C), looked up nine bits at a time. */
final class JpegHuffman {
  static final int FAST_BITS = 9;
  static final int MAX_BITS = 16;

  /** By the next nine bits: length of the code << 8 | value; 0 where the code is longer. */
  final short[] fast = new short[1 << FAST_BITS];

  /** By length: the largest code of it, left-aligned in 16 bits, exclusive. */
  final int[] limit = new int[MAX_BITS + 2];

  /** By length: what to add to a code to get its value's index. */
  final int[] delta = new int[MAX_BITS + 1];

  final byte[] values;

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
    return table.build(bytes, from) ? table : null;
  }

  private JpegHuffman(int total) {
    this.values = new byte[total];
  }

  private boolean build(byte[] bytes, int from) {
    int code = 0;
    int index = 0;
    for (int length = 1; length <= MAX_BITS; length++) {
      int count = bytes[from + length - 1] & 0xFF;
      delta[length] = index - code;
      if (code + count > 1 << length) {
        return false;
      }
      for (int i = 0; i < count; i++, code++, index++) {
        if (length <= FAST_BITS) {
          short entry = (short) (length << 8 | (values[index] & 0xFF));
          int first = code << (FAST_BITS - length);
          java.util.Arrays.fill(fast, first, first + (1 << (FAST_BITS - length)), entry);
        }
      }
      limit[length] = code << (MAX_BITS - length);
      code <<= 1;
    }
    limit[MAX_BITS + 1] = Integer.MAX_VALUE;
    return true;
  }
}
