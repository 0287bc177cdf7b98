package io.elapid.data.image;

/**
 * Tables and headers in front of the first scan of a baseline picture. Whatever is not quite as
 * usual makes {@link #read} say no.
 */
final class JpegHeaders {
  private final byte[] bytes;
  private final int count;
  private final int[][] quantization = new int[4][];
  private final JpegHuffman[] dc = new JpegHuffman[4];
  private final JpegHuffman[] ac = new JpegHuffman[4];
  private JpegComponent[] components;
  private int restartInterval;
  private int scan;

  /**
   * @param count of the components that the picture has
   */
  JpegHeaders(byte[] bytes, int count) {
    this.bytes = bytes;
    this.count = count;
  }

  /** Components in the order in which their blocks come. */
  JpegComponent[] components() {
    return components;
  }

  /** Units between two restart markers; 0: there are none. */
  int restartInterval() {
    return restartInterval;
  }

  /** First byte of the scan's data. */
  int scan() {
    return scan;
  }

  /** Whether all of it is known, with a single scan to come. */
  boolean read() {
    int at = 2;
    while (at + 4 <= bytes.length) {
      if (bytes[at] != (byte) 0xFF) {
        return false;
      }
      int marker = bytes[at + 1] & 0xFF;
      if (marker == 0xFF) {
        at++;
        continue;
      }
      int length = short16(at + 2);
      int body = at + 4;
      int end = at + 2 + length;
      if (length < 2 || end > bytes.length || !segment(marker, body, end)) {
        return false;
      }
      if (marker == 0xDA) {
        scan = end;
        return true;
      }
      at = end;
    }
    return false;
  }

  private boolean segment(int marker, int body, int end) {
    return switch (marker) {
      case 0xDB -> quantization(body, end);
      case 0xC4 -> huffman(body, end);
      case 0xC0, 0xC1 -> frame(body, end);
      case 0xDD -> {
        restartInterval = end - body >= 2 ? short16(body) : 0;
        yield end - body >= 2;
      }
      case 0xDA -> scanHeader(body, end);
      default -> marker >= 0xE0 || marker == 0xFE;
    };
  }

  private boolean quantization(int body, int end) {
    for (int at = body; at < end; ) {
      int id = bytes[at] & 0x0F;
      if ((bytes[at] & 0xF0) != 0 || id > 3 || at + 1 + JpegBits.BLOCK > end) {
        return false;
      }
      quantization[id] = new int[JpegBits.BLOCK];
      for (int i = 0; i < JpegBits.BLOCK; i++) {
        quantization[id][i] = bytes[at + 1 + i] & 0xFF;
      }
      at += 1 + JpegBits.BLOCK;
    }
    return true;
  }

  private boolean huffman(int body, int end) {
    for (int at = body; at < end; ) {
      int id = bytes[at] & 0x0F;
      int kind = (bytes[at] & 0xF0) >> 4;
      if (id > 3 || kind > 1 || at + 17 > end) {
        return false;
      }
      int total = 0;
      for (int i = 1; i <= JpegHuffman.MAX_BITS; i++) {
        total += bytes[at + i] & 0xFF;
      }
      if (total > 256 || at + 17 + total > end) {
        return false;
      }
      JpegHuffman table = JpegHuffman.of(bytes, at + 1);
      if (table == null) {
        return false;
      }
      (kind == 0 ? dc : ac)[id] = table;
      at += 17 + total;
    }
    return true;
  }

  private boolean frame(int body, int end) {
    if (end - body < 6 + 3 * count) {
      return false;
    }
    components = new JpegComponent[count];
    for (int i = 0; i < count; i++) {
      int at = body + 6 + 3 * i;
      int factors = bytes[at + 1] & 0xFF;
      // A lone component is coded block by block, whatever its factors.
      components[i] =
          new JpegComponent(
              bytes[at] & 0xFF,
              count == 1 ? 1 : factors >> 4,
              count == 1 ? 1 : factors & 15,
              bytes[at + 2] & 0xFF);
      if (components[i].table > 3) {
        return false;
      }
    }
    return count == 1 || hasKnownFactors();
  }

  private boolean hasKnownFactors() {
    JpegComponent luma = components[0];
    boolean known =
        (luma.across == 1 && luma.down == 1)
            || (luma.across == 2 && luma.down == 1)
            || (luma.across == 2 && luma.down == 2);
    for (int i = 1; i < count; i++) {
      known &= components[i].across == 1 && components[i].down == 1;
    }
    return known;
  }

  private boolean scanHeader(int body, int end) {
    if (components == null || end - body != 4 + 2 * count || bytes[body] != count) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      JpegComponent c = components[i];
      int tables = bytes[body + 2 + 2 * i] & 0xFF;
      if ((bytes[body + 1 + 2 * i] & 0xFF) != c.id || (tables & 0xCC) != 0) {
        return false;
      }
      c.dc = dc[tables >> 4];
      c.ac = ac[tables & 3];
      c.scale = quantization[c.table];
      if (c.dc == null || c.ac == null || c.scale == null) {
        return false;
      }
    }
    return true;
  }

  private int short16(int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }
}
