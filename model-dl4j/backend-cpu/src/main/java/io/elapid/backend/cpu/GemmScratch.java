package io.elapid.backend.cpu;

/** Memory of one thread for matrix products, kept from call to call and grown when it must be. */
final class GemmScratch {
  private float[][] tiles = {};
  private float[] panel = {};
  private float[] rows = {};
  private float[] lanes = {};

  /** Padded maps of some samples. */
  final GemmPlanes planes = new GemmPlanes();

  /** Tiles, and as much again for moving the rows of each together. */
  float[][] tiles(int count) {
    if (tiles.length < count) {
      tiles = new float[count][2 * Gemm.TILE];
    }
    return tiles;
  }

  /** For panels of b. */
  float[] panel(int size) {
    panel = atLeast(panel, size);
    return panel;
  }

  /** For rows of a. */
  float[] rows(int size) {
    rows = atLeast(rows, size);
    return rows;
  }

  /** For what becomes panels of b. */
  float[] lanes(int size) {
    lanes = atLeast(lanes, size);
    return lanes;
  }

  /** {@code array}, or a larger one; contents are not kept. */
  static float[] atLeast(float[] array, int size) {
    return array.length >= size ? array : new float[size + size / 4];
  }
}
