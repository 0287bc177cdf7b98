package io.elapid.data.image;

/** One component of a baseline picture: what its headers say, and how far its decoding has come. */
final class JpegComponent {
  final int id;

  /** Blocks of it in a unit, side by side and on top of each other. */
  final int across;

  final int down;

  /** Number of its quantisation table. */
  final int table;

  JpegHuffman dc;
  JpegHuffman ac;

  /** Scales of its coefficients in the file's order. */
  int[] scale;

  /** Mean of the last block. */
  int mean;

  /** Coefficients of a row of units: for each row of blocks, groups of {@link Lanes#COUNT}. */
  int[] coefficients;

  /** Groups in a row of blocks. */
  int groups;

  /** Decoded samples of the rows that are wanted. */
  byte[] samples;

  int stride;

  JpegComponent(int id, int across, int down, int table) {
    this.id = id;
    this.across = across;
    this.down = down;
    this.table = table;
  }

  /**
   * Makes room for a rectangle.
   *
   * @param units of the picture that are wanted in a row
   * @param rows of units that are wanted
   * @return false if it is too large
   */
  boolean allocate(int units, int rows) {
    groups = Lanes.roundUp(units * across) / Lanes.COUNT;
    stride = groups * Lanes.COUNT * 8;
    coefficients = new int[groups * down * JpegBits.BLOCK * Lanes.COUNT];
    // Rows are looked at register by register, past their end.
    long size = (long) stride * rows * down * 8 + 4L * Lanes.COUNT;
    if (size > Integer.MAX_VALUE - 16) {
      return false;
    }
    samples = new byte[(int) size];
    return true;
  }
}
