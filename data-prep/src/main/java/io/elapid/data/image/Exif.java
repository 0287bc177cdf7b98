package io.elapid.data.image;

/** The one number of an EXIF block that matters to anybody but photographers. */
final class Exif {
  private static final int ORIENTATION = 0x0112;
  private static final int HEADER = 8;
  private static final int ENTRY = 12;

  private Exif() {}

  /**
   * The orientation in a TIFF structure at [from, to) of {@code bytes}; a damaged block says
   * nothing, since many pictures have one.
   */
  static Orientation orientation(byte[] bytes, int from, int to) {
    if (to - from < HEADER) {
      return Orientation.UPRIGHT;
    }
    boolean little = bytes[from] == 'I' && bytes[from + 1] == 'I';
    boolean big = bytes[from] == 'M' && bytes[from + 1] == 'M';
    if (!little && !big) {
      return Orientation.UPRIGHT;
    }
    long directory = number(bytes, from + 4, 4, little);
    if (directory < HEADER || directory + 2 > to - from) {
      return Orientation.UPRIGHT;
    }
    int at = from + (int) directory;
    long entries = number(bytes, at, 2, little);
    at += 2;
    for (long i = 0; i < entries && at + ENTRY <= to; i++, at += ENTRY) {
      if (number(bytes, at, 2, little) == ORIENTATION) {
        return Orientation.ofExif((int) number(bytes, at + 8, 2, little));
      }
    }
    return Orientation.UPRIGHT;
  }

  private static long number(byte[] bytes, int at, int size, boolean little) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      int b = bytes[little ? at + size - 1 - i : at + i] & 0xFF;
      value = value << 8 | b;
    }
    return value;
  }
}
