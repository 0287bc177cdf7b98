package io.elapid.backend.cuda;

import io.elapid.backend.cuda.Launch.Shape;

/** Tiles of matrix products, see {@code products.cuh}. */
final class ProductTiles {
  static final int LANES = 32;
  static final int WARPS = 8;

  /** Columns of a tile. */
  static final int COLUMNS = 2 * LANES;

  private static final int COLUMN_STRIDE = COLUMNS + 1;
  private static final int ROW_STRIDE = LANES + 4;

  private ProductTiles() {}

  static int divideUp(int count, int by) {
    return (count + by - 1) / by;
  }

  /** Tiles of so many columns. */
  static int columnTiles(int columns) {
    return divideUp(columns, COLUMNS);
  }

  /** Tiles of so many rows, of which a warp has some of each. */
  static int rowTiles(int rows, int warpRows) {
    return divideUp(rows, warpRows * WARPS);
  }

  /**
   * A launch whose warps have so many rows.
   *
   * @param rest bytes of shared memory that the kernel wants for itself
   */
  static Shape shape(int x, int y, int z, int warpRows, int rest) {
    int floats = LANES * COLUMN_STRIDE + warpRows * WARPS * ROW_STRIDE;
    return new Shape(x, y, z, WARPS * LANES, floats * Float.BYTES + rest);
  }
}
