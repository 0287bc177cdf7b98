package io.elapid.data.image;

import java.util.Arrays;

/**
 * Baseline JPEG in one interleaved scan, gray or YCbCr with chroma at full or half size: what
 * cameras and data sets are made of. Gives libjpeg's pixels; everything else, and anything that is
 * not quite right, is left to the JDK's slower reader.
 */
final class JpegBaseline {
  private static final byte[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };
  private static final int BLOCK = 64;

  private final byte[] bytes;
  private final JpegStructure structure;
  private final int[][] quantization = new int[4][];
  private final JpegHuffman[] dc = new JpegHuffman[4];
  private final JpegHuffman[] ac = new JpegHuffman[4];
  private final int[] block = new int[BLOCK];
  private final Region region;
  private Component[] components;
  private int restartInterval;

  private static final class Component {
    private int id;
    private int across;
    private int down;
    private int table;
    private JpegHuffman dc;
    private JpegHuffman ac;
    private int[] quantization;
    private int previous;
    private int stride;
    private byte[] samples;
  }

  private JpegBaseline(byte[] bytes, JpegStructure structure, Region region) {
    this.region = region;
    this.bytes = bytes;
    this.structure = structure;
  }

  /** The picture, or null if another reader has to look at it. */
  static Image decode(byte[] bytes, JpegStructure structure) {
    return decode(bytes, structure, Region.all(structure.width(), structure.height()));
  }

  /**
   * A rectangle of the picture, as if cut out of the whole of it, or null if another reader has to
   * look at it. What lies below the rectangle is not read at all.
   */
  static Image decode(byte[] bytes, JpegStructure structure, Region region) {
    boolean ycc = structure.components() == 3 && structure.adobeTransform() != 0;
    boolean named = !structure.marked() && structure.rgbIds();
    if (structure.components() != 1 && (!ycc || named)) {
      return null;
    }
    return new JpegBaseline(bytes, structure, region).decode();
  }

  private Image decode() {
    int scan = headers();
    if (scan < 0 || !allocate()) {
      return null;
    }
    if (!scan(new JpegBits(bytes, scan))) {
      return null;
    }
    if (components.length == 1) {
      byte[] gray = JpegPlanes.gray(plane(components[0]), region);
      return new Image(region.width(), region.height(), gray);
    }
    byte[] rgb =
        JpegPlanes.rgb(
            plane(components[0]),
            plane(components[1]),
            plane(components[2]),
            components[0].across,
            components[0].down,
            region);
    return new Image(region.width(), region.height(), rgb);
  }

  private JpegPlanes.Plane plane(Component c) {
    int across = components[0].across;
    int down = components[0].down;
    int width = (structure.width() * c.across + across - 1) / across;
    int height = (structure.height() * c.down + down - 1) / down;
    return new JpegPlanes.Plane(c.samples, c.stride, width, height);
  }

  /** Reads tables up to the first scan; its first byte, or -1 for what is not read here. */
  private int headers() {
    int at = 2;
    while (at + 4 <= bytes.length) {
      if (bytes[at] != (byte) 0xFF) {
        return -1;
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
        return -1;
      }
      if (marker == 0xDA) {
        return end;
      }
      at = end;
    }
    return -1;
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
      if ((bytes[at] & 0xF0) != 0 || id > 3 || at + 1 + BLOCK > end) {
        return false;
      }
      quantization[id] = new int[BLOCK];
      for (int i = 0; i < BLOCK; i++) {
        quantization[id][i] = bytes[at + 1 + i] & 0xFF;
      }
      at += 1 + BLOCK;
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
      for (int i = 1; i <= 16; i++) {
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
    int count = structure.components();
    if (end - body < 6 + 3 * count) {
      return false;
    }
    components = new Component[count];
    for (int i = 0; i < count; i++) {
      int at = body + 6 + 3 * i;
      Component c = new Component();
      c.id = bytes[at] & 0xFF;
      c.across = (bytes[at + 1] & 0xFF) >> 4;
      c.down = bytes[at + 1] & 0x0F;
      c.table = bytes[at + 2] & 0xFF;
      if (c.table > 3) {
        return false;
      }
      components[i] = c;
    }
    if (count == 1) {
      // A lone component is coded block by block, whatever its factors.
      components[0].across = 1;
      components[0].down = 1;
      return true;
    }
    Component luma = components[0];
    boolean known =
        (luma.across == 1 && luma.down == 1)
            || (luma.across == 2 && luma.down == 1)
            || (luma.across == 2 && luma.down == 2);
    return known
        && components[1].across == 1
        && components[1].down == 1
        && components[2].across == 1
        && components[2].down == 1;
  }

  private boolean scanHeader(int body, int end) {
    if (components == null
        || end - body != 4 + 2 * components.length
        || bytes[body] != components.length) {
      return false;
    }
    for (int i = 0; i < components.length; i++) {
      Component c = components[i];
      int tables = bytes[body + 2 + 2 * i] & 0xFF;
      if ((bytes[body + 1 + 2 * i] & 0xFF) != c.id || (tables & 0xCC) != 0) {
        return false;
      }
      c.dc = dc[tables >> 4];
      c.ac = ac[tables & 3];
      c.quantization = quantization[c.table];
      if (c.dc == null || c.ac == null || c.quantization == null) {
        return false;
      }
    }
    return true;
  }

  private boolean allocate() {
    for (Component c : components) {
      c.stride = unitsAcross() * c.across * 8;
      long size = (long) c.stride * unitsDown() * c.down * 8;
      if (size > Integer.MAX_VALUE - 16) {
        return false;
      }
      c.samples = new byte[(int) size];
    }
    return true;
  }

  private int unitsAcross() {
    int side = 8 * components[0].across;
    return (structure.width() + side - 1) / side;
  }

  private int unitsDown() {
    int side = 8 * components[0].down;
    return (structure.height() + side - 1) / side;
  }

  private boolean scan(JpegBits bits) {
    int across = unitsAcross();
    int down = Math.min(unitsDown(), lastUnit(region.y() + region.height(), components[0].down));
    int first = firstUnit(region.x(), components[0].across);
    int last = lastUnit(region.x() + region.width(), components[0].across);
    int top = firstUnit(region.y(), components[0].down);
    int untilRestart = restartInterval;
    for (int y = 0; y < down; y++) {
      for (int x = 0; x < across; x++) {
        if (restartInterval > 0 && untilRestart-- == 0) {
          if (bits.isOverdrawn() || !bits.restart()) {
            return false;
          }
          for (Component c : components) {
            c.previous = 0;
          }
          untilRestart = restartInterval - 1;
        }
        boolean wanted = x >= first && x < last && y >= top;
        for (Component c : components) {
          if (!(wanted ? unit(bits, c, x, y) : skipUnit(bits, c))) {
            return false;
          }
        }
      }
      if (bits.isOverdrawn()) {
        return false;
      }
    }
    return true;
  }

  /** A pixel's chroma also comes from the next sample on either side, two pixels further. */
  private static int firstUnit(int pixel, int factor) {
    return Math.max(0, pixel - 2) / (8 * factor);
  }

  /** Exclusive. */
  private static int lastUnit(int pixel, int factor) {
    return (pixel + 1) / (8 * factor) + 1;
  }

  private static boolean skipUnit(JpegBits bits, Component c) {
    for (int i = 0; i < c.across * c.down; i++) {
      int size = bits.decode(c.dc);
      if (size < 0 || size > 11) {
        return false;
      }
      if (size > 0) {
        c.previous += bits.receive(size);
      }
      if (!skipCoefficients(bits, c.ac)) {
        return false;
      }
    }
    return true;
  }

  private static boolean skipCoefficients(JpegBits bits, JpegHuffman table) {
    int k = 1;
    while (k < BLOCK) {
      int code = bits.decode(table);
      int size = code & 15;
      if (code < 0) {
        return false;
      }
      if (size == 0) {
        if (code >> 4 != 15) {
          return true;
        }
        k += 16;
      } else {
        bits.skip(size);
        k += (code >> 4) + 1;
        if (k > BLOCK) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean unit(JpegBits bits, Component c, int x, int y) {
    for (int v = 0; v < c.down; v++) {
      for (int h = 0; h < c.across; h++) {
        int to = ((y * c.down + v) * c.stride + x * c.across + h) * 8;
        if (!block(bits, c, to)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean block(JpegBits bits, Component c, int to) {
    int size = bits.decode(c.dc);
    if (size < 0 || size > 11) {
      return false;
    }
    if (size > 0) {
      c.previous += bits.receive(size);
    }
    int dcValue = c.previous * c.quantization[0];
    int last = coefficients(bits, c);
    if (last < 0) {
      return false;
    }
    if (last == 0) {
      flat(c, to, dcValue);
      return true;
    }
    block[0] = dcValue;
    JpegIdct.transform(block, c.samples, to, c.stride);
    Arrays.fill(block, 0);
    return true;
  }

  /** Index of the last coefficient that is not zero, 0 if there is none; -1 if data are damaged. */
  private int coefficients(JpegBits bits, Component c) {
    int last = 0;
    for (int k = 1; k < BLOCK; k++) {
      int code = bits.decode(c.ac);
      if (code < 0) {
        return -1;
      }
      int size = code & 15;
      int run = code >> 4;
      if (size == 0) {
        if (run != 15) {
          return last;
        }
        k += 15;
        continue;
      }
      k += run;
      if (k >= BLOCK) {
        return -1;
      }
      block[ZIGZAG[k]] = bits.receive(size) * c.quantization[k];
      last = k;
    }
    return last;
  }

  /** What the transform gives where only the mean is there. */
  private static void flat(Component c, int to, int dcValue) {
    int value = ((dcValue + 4) >> 3) + 128;
    byte sample = (byte) Math.max(0, Math.min(255, value));
    for (int y = 0, at = to; y < 8; y++, at += c.stride) {
      Arrays.fill(c.samples, at, at + 8, sample);
    }
  }

  private int short16(int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }
}
