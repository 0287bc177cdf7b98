package io.elapid.backend.cpu;

/** Memory of one thread for matrix products, kept from call to call and grown when it must be. */
final class GemmScratch {
  private float[][] tiles = {};
  private float[] panel = {};
  private float[] rows = {};
  private float[] lanes = {};

  /** Padded maps of some samples. */
  final GemmPlanes planes = new GemmPlanes();

  /** Tiles, with memory behind each for moving rows together. */
  float[][] tiles(int count) {
    if (tiles.length < count) {
      tiles =
          new float[count][Math.max(2 * Gemm.TILE, Gemm.TILE + count * Gemm.PANEL + Lanes.WIDTH)];
    }
    return tiles;
  }

  /** For panels of b, from {@link CacheLines#FIRST} on. */
  float[] panel(int size) {
    if (panel.length < CacheLines.FIRST + size) {
      panel = CacheLines.array(size + size / 4);
    }
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
