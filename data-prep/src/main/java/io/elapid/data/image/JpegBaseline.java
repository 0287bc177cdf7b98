package io.elapid.data.image;

import java.util.Arrays;

/**
 * Baseline JPEG in one interleaved scan, gray or YCbCr with chroma at full or half size: what
 * cameras and data sets are made of. Gives libjpeg's pixels of any rectangle; everything else, and
 * anything that is not quite right, is left to the JDK's slower reader.
 *
 * <p>Entropy coding has to be followed from the beginning, but only to the last row of the
 * rectangle, and only blocks that touch it are transformed.
 */
final class JpegBaseline {
  private static final byte[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };
  private static final int GROUP = JpegBits.BLOCK * Lanes.COUNT;

  /** Where a coefficient lies in a group, by its place in the file. */
  private static final int[] ORDER = order();

  private final JpegStructure structure;
  private final Region region;
  private final JpegComponent[] components;
  private final int restartInterval;
  private final JpegBits bits;
  private final JpegIdct idct = new JpegIdct();
  private final int[] unwanted = new int[GROUP];
  private final int firstColumn;
  private final int endColumn;
  private final int firstRow;
  private final int endRow;

  private JpegBaseline(byte[] bytes, JpegStructure structure, Region region, JpegHeaders headers) {
    this.structure = structure;
    this.region = region;
    this.components = headers.components();
    this.restartInterval = headers.restartInterval();
    this.bits = new JpegBits(bytes, headers.scan());
    int across = components[0].across;
    int down = components[0].down;
    this.firstColumn = firstUnit(region.x(), across);
    this.endColumn = endUnit(region.x() + region.width(), across, unitsAcross());
    this.firstRow = firstUnit(region.y(), down);
    this.endRow = endUnit(region.y() + region.height(), down, units(structure.height(), down));
  }

  private static int[] order() {
    int[] order = new int[JpegBits.BLOCK];
    for (int i = 0; i < order.length; i++) {
      order[i] = ZIGZAG[i] * Lanes.COUNT;
    }
    return order;
  }

  /**
   * A rectangle of the picture, as if cut out of the whole of it, or null if another reader has to
   * look at it. What lies below the rectangle is not read at all.
   */
  static Image decode(byte[] bytes, JpegStructure structure, Region region) {
    if (structure.components() > 3 || structure.isRgb()) {
      return null;
    }
    JpegHeaders headers = new JpegHeaders(bytes, structure.components());
    return headers.read() ? new JpegBaseline(bytes, structure, region, headers).decode() : null;
  }

  private Image decode() {
    for (int i = 0; i < components.length; i++) {
      Scratch.Use use = Scratch.Use.values()[i];
      if (!components[i].allocate(use, endColumn - firstColumn, endRow - firstRow)) {
        return null;
      }
    }
    int across = components[0].across;
    if (!scan()) {
      return null;
    }
    JpegColours colours = new JpegColours(region, across, components[0].down);
    byte[] rgb =
        components.length == 1
            ? colours.gray(plane(components[0]))
            : colours.rgb(plane(components[0]), plane(components[1]), plane(components[2]));
    return new Image(region.width(), region.height(), rgb);
  }

  private JpegColours.Plane plane(JpegComponent c) {
    int across = components[0].across;
    int down = components[0].down;
    return new JpegColours.Plane(
        c.samples,
        c.stride,
        firstColumn * c.across * 8,
        firstRow * c.down * 8,
        (structure.width() * c.across + across - 1) / across,
        (structure.height() * c.down + down - 1) / down);
  }

  private int unitsAcross() {
    return units(structure.width(), components[0].across);
  }

  private static int units(int pixels, int factor) {
    return (pixels + 8 * factor - 1) / (8 * factor);
  }

  /** A pixel's chroma also comes from the next sample on either side, two pixels further. */
  private static int firstUnit(int pixel, int factor) {
    return Math.max(0, pixel - 2) / (8 * factor);
  }

  private static int endUnit(int pixel, int factor, int units) {
    return Math.min(units, (pixel + 1) / (8 * factor) + 1);
  }

  private boolean scan() {
    int across = unitsAcross();
    int untilRestart = restartInterval;
    for (int y = 0; y < endRow; y++) {
      for (int x = 0; x < across; x++) {
        if (restartInterval > 0 && untilRestart-- == 0) {
          if (!restart()) {
            return false;
          }
          untilRestart = restartInterval - 1;
        }
        boolean wanted = x >= firstColumn && x < endColumn && y >= firstRow;
        if (!(wanted ? unit(x - firstColumn) : unwantedUnit())) {
          return false;
        }
      }
      if (bits.isOverdrawn()) {
        return false;
      }
      if (y >= firstRow) {
        transform(y - firstRow);
      }
    }
    return true;
  }

  private boolean restart() {
    for (JpegComponent c : components) {
      c.mean = 0;
    }
    return !bits.isOverdrawn() && bits.restart();
  }

  private boolean unit(int x) {
    for (JpegComponent c : components) {
      for (int v = 0; v < c.down; v++) {
        for (int h = 0; h < c.across; h++) {
          int column = x * c.across + h;
          int group = v * c.groups + column / Lanes.COUNT;
          if (!block(c, c.coefficients, group * GROUP + column % Lanes.COUNT)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private boolean unwantedUnit() {
    for (JpegComponent c : components) {
      for (int i = 0; i < c.across * c.down; i++) {
        if (!block(c, unwanted, 0)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean block(JpegComponent c, int[] out, int base) {
    c.mean = bits.block(c.dc, c.ac, c.mean, c.scale, out, base, ORDER);
    return c.mean != Integer.MIN_VALUE;
  }

  /** From coefficients of a row of units to samples. */
  private void transform(int row) {
    for (JpegComponent c : components) {
      for (int v = 0; v < c.down; v++) {
        int to = (row * c.down + v) * 8 * c.stride;
        for (int group = 0; group < c.groups; group++) {
          int from = (v * c.groups + group) * GROUP;
          idct.transform(c.coefficients, from, c.samples, to + group * Lanes.COUNT * 8, c.stride);
        }
      }
      Arrays.fill(c.coefficients, 0, c.coefficientCount, 0);
    }
  }
}
