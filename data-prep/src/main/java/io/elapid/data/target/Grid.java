package io.elapid.data.target;

import io.elapid.data.image.OpenCvResize;
import java.util.Arrays;

/**
 * Which pixel of a whole picture each present pixel shows, where pixels were only picked (crops,
 * flips, nearest-neighbour resizing): a column and a row each, so that any chain of steps costs a
 * few additions until a mask is really wanted.
 *
 * @param sourceWidth columns of the whole picture
 * @param sourceHeight rows of the whole picture
 * @param columns of the whole picture for each present column; {@link #NOTHING} outside of it
 * @param rows likewise
 */
public record Grid(int sourceWidth, int sourceHeight, int[] columns, int[] rows) {
  static final int NOTHING = -1;

  /** Every pixel as it is. */
  public static Grid whole(int width, int height) {
    return new Grid(width, height, identity(width), identity(height));
  }

  private static int[] identity(int length) {
    int[] positions = new int[length];
    Arrays.setAll(positions, i -> i);
    return positions;
  }

  public int width() {
    return columns.length;
  }

  public int height() {
    return rows.length;
  }

  /** Resized by OpenCV's nearest neighbour. */
  public Grid resized(int width, int height) {
    return new Grid(
        sourceWidth,
        sourceHeight,
        picked(columns, OpenCvResize.nearest(columns.length, width)),
        picked(rows, OpenCvResize.nearest(rows.length, height)));
  }

  private static int[] picked(int[] positions, int[] from) {
    int[] picked = new int[from.length];
    Arrays.setAll(picked, i -> positions[from[i]]);
    return picked;
  }

  /** Left and right changed places. */
  public Grid mirrored() {
    int[] turned = new int[columns.length];
    Arrays.setAll(turned, i -> columns[columns.length - 1 - i]);
    return new Grid(sourceWidth, sourceHeight, turned, rows);
  }

  /**
   * A window of {@code width} x {@code height} whose upper left corner is at ({@code x}, {@code
   * y}); what of it lies outside shows nothing. Crops, and with negative corners enlarges.
   */
  public Grid window(int x, int y, int width, int height) {
    return new Grid(sourceWidth, sourceHeight, window(columns, x, width), window(rows, y, height));
  }

  private static int[] window(int[] positions, int start, int length) {
    int[] window = new int[length];
    Arrays.setAll(
        window,
        i -> {
          int at = start + i;
          return at >= 0 && at < positions.length ? positions[at] : NOTHING;
        });
    return window;
  }

  /**
   * A mask of the whole picture as the present pixels show it.
   *
   * @param mask of the whole picture
   */
  public Mask show(Mask mask) {
    byte[] out = new byte[Math.multiplyExact(width(), height())];
    byte[] in = mask.values();
    for (int y = 0, to = 0; y < rows.length; y++) {
      int row = rows[y];
      if (row == NOTHING) {
        to += columns.length;
        continue;
      }
      int start = row * mask.width();
      for (int column : columns) {
        out[to++] = column == NOTHING ? 0 : in[start + column];
      }
    }
    return new Mask(width(), height(), out);
  }
}
