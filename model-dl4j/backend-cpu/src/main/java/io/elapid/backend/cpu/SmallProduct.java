package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Gemm.PANEL;
import static io.elapid.backend.cpu.Gemm.ROWS;
import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * Matrix products {@code c = a b} on one thread, of matrices on the heap that caches hold.
 *
 * <p>Whole tiles and registers are computed, so that arrays must be longer than their matrices: a's
 * by {@link #slackOfRows}, b's before packing by {@link #SLACK}. What is behind the matrices may be
 * anything.
 */
final class SmallProduct {
  /** How much longer than its matrix an array must be whose registers may reach beyond the end. */
  static final int SLACK = PANEL;

  private final float[] tile = new float[Gemm.TILE];

  /** How much longer an array must be that holds a, with rows {@code step} apart. */
  static int slackOfRows(int step) {
    return (ROWS - 1) * step;
  }

  /** Numbers in the panels of a matrix of {@code depth} rows, with room for whole squares. */
  static int packed(int depth, int width) {
    return ((width + PANEL - 1) / PANEL * depth + WIDTH) * PANEL;
  }

  /** Packs rows {@code width} apart into panels. */
  static void pack(float[] b, int start, int depth, int width, float[] panels, int end) {
    for (int column = 0; column < width; column += WIDTH) {
      int to = end + column / PANEL * depth * PANEL + column % PANEL;
      packRegisters(b, start + column, width, panels, to, depth);
    }
  }

  private static void packRegisters(
      float[] b, int start, int stride, float[] panels, int end, int depth) {
    for (int k = 0; k < depth; k++) {
      FloatVector.fromArray(SPECIES, b, start + k * stride).intoArray(panels, end + k * PANEL);
    }
  }

  /**
   * Packs the transpose of a matrix of {@code width} rows, {@code depth} long each; the array must
   * be longer by a register of rows.
   */
  void packTransposed(float[] b, int start, int depth, int width, float[] panels) {
    int[] rows = Transpose.rows(depth);
    for (int column = 0; column < width; column += WIDTH) {
      int to = column / PANEL * depth * PANEL + column % PANEL;
      Transpose.columns(b, start + column * depth, rows, panels, to, PANEL, depth);
    }
  }

  /**
   * Multiplies rows of {@code a}, {@code depth} apart, with packed columns, to rows {@code width}
   * apart.
   */
  void multiply(
      float[] a,
      int aStart,
      int rows,
      int depth,
      float[] panels,
      int bStart,
      int width,
      float[] c,
      int cStart) {
    for (int column = 0; column < width; column += PANEL) {
      int columns = Math.min(PANEL, width - column);
      int panel = bStart + column * depth;
      for (int row = 0; row < rows; row += ROWS) {
        int computed = Lanes.roundUp(columns);
        Gemm.tile(a, aStart + row * depth, depth, panels, panel, computed, depth, tile);
        int to = cStart + row * width + column;
        store(tile, Math.min(ROWS, rows - row), columns, c, to, width);
      }
    }
  }

  private static void store(float[] tile, int rows, int columns, float[] c, int to, int width) {
    int whole = Lanes.bound(columns);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < whole; j += WIDTH) {
        FloatVector.fromArray(SPECIES, tile, r * PANEL + j).intoArray(c, to + r * width + j);
      }
      for (int j = whole; j < columns; j++) {
        c[to + r * width + j] = tile[r * PANEL + j];
      }
    }
  }
}
