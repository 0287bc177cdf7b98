package io.elapid.box;

import java.util.List;

/**
 * The anchors of one level of a pyramid: the same few boxes at every cell.
 *
 * @param stride pixels from cell to cell
 * @param base boxes of the cell at the origin
 */
public record AnchorLevel(int stride, Boxes base) {

  /**
   * Anchors around the <em>upper left corner</em> of a cell, as published detectors have them: for
   * each ratio of height to width, each scale, with the area of a square of {@code stride * scale}.
   */
  static AnchorLevel cornered(int stride, List<Double> scales, List<Double> ratios) {
    float[] corners = new float[4 * ratios.size() * scales.size()];
    int at = 0;
    for (double ratio : ratios) {
      for (double scale : scales) {
        double width = stride * scale / Math.sqrt(ratio);
        double height = stride * scale * Math.sqrt(ratio);
        centred(corners, at++, 0, width, height);
      }
    }
    return new AnchorLevel(stride, new Boxes(corners));
  }

  /**
   * SSD's anchors around the middle of a cell: a square of side {@code least}, one between the
   * sizes, then for each ratio r a flat one of 1 : 1/r and a tall one of 1 : r.
   */
  static AnchorLevel ssd(int stride, double least, double most, List<Integer> ratios) {
    float[] corners = new float[4 * (2 + 2 * ratios.size())];
    double centre = stride / 2.0;
    double between = Math.sqrt(least * most);
    centred(corners, 0, centre, least, least);
    centred(corners, 1, centre, between, between);
    int at = 2;
    for (double ratio : ratios) {
      double root = Math.sqrt(ratio);
      centred(corners, at++, centre, least * root, least / root);
      centred(corners, at++, centre, least / root, least * root);
    }
    return new AnchorLevel(stride, new Boxes(corners));
  }

  private static void centred(
      float[] corners, int index, double centre, double width, double height) {
    Boxes.put(
        corners,
        index,
        (float) (centre - width / 2),
        (float) (centre - height / 2),
        (float) (centre + width / 2),
        (float) (centre + height / 2));
  }

  /** Anchors at each cell. */
  public int perCell() {
    return base.size();
  }

  /** Anchors of all cells of a map: row by row, cell by cell, in the order of the base. */
  public Boxes grid(int height, int width) {
    float[] corners = new float[4 * height * width * perCell()];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int a = 0; a < perCell(); a++) {
          float dx = (float) x * stride;
          float dy = (float) y * stride;
          Boxes.put(
              corners,
              at++,
              base.left(a) + dx,
              base.top(a) + dy,
              base.right(a) + dx,
              base.bottom(a) + dy);
        }
      }
    }
    return new Boxes(corners);
  }

  /**
   * Rows of cells that a picture of that padded height reaches, in a map of {@code height} rows.
   */
  int validRows(int paddedHeight, int height) {
    return Math.min((paddedHeight + stride - 1) / stride, height);
  }

  /** As {@link #validRows}, of columns. */
  int validColumns(int paddedWidth, int width) {
    return Math.min((paddedWidth + stride - 1) / stride, width);
  }
}
