package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Arguments;
import io.elapid.backend.cuda.Launch.Shape;

/**
 * A product of matrices for each sample, see {@code products.cu}.
 *
 * @param samples how many there are
 * @param rows of each result
 * @param columns of each result
 * @param terms of each of its elements
 */
record Product(int samples, int rows, int columns, int terms) {
  static final String MODULE = "products";

  /** Both factors' terms are side by side: of {@code a b^T}. */
  static final String OF_ROWS = "product_terms_terms";

  /** The terms of rows are, and of columns the columns: of {@code a b}. */
  static final String PLAIN = "product_others_terms";

  /** The rows are, and the columns: of {@code a^T b}. */
  static final String OF_COLUMNS = "product_others_others";

  /** Rows of a warp in small tiles, and in large ones. */
  private static final int FEW = 2;

  private static final int MANY = 8;

  /** Large tiles that are enough: with fewer, small ones keep more of a device busy. */
  private static final int ENOUGH = 128;

  private int warpRows() {
    long large =
        (long) samples * ProductTiles.columnTiles(columns) * ProductTiles.rowTiles(rows, MANY);
    return large < ENOUGH ? FEW : MANY;
  }

  /**
   * Queues it.
   *
   * @param operands the rows' factor, the columns' and the result; of {@link #OF_ROWS} a bias of
   *     columns, or 0, before the result
   */
  void launch(Frame frame, String kind, long... operands) {
    int warpRows = warpRows();
    Shape shape =
        ProductTiles.shape(
            ProductTiles.columnTiles(columns),
            ProductTiles.rowTiles(rows, warpRows),
            samples,
            warpRows,
            0);
    Arguments arguments = new Arguments().struct(rows, columns, terms).pointers(operands);
    frame.launch(Launch.of(MODULE, kind + "_" + warpRows, shape, arguments));
  }
}
