package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Gemm.PANEL;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;

/**
 * What the taps of a convolution read as a matrix: a row for each tap, a column for each point of a
 * grid, sample after sample. The matrix is never stored as a whole.
 *
 * @param gridHeight rows of the grid
 * @param gridWidth columns of the grid
 * @param taps where each tap starts to read in the planes of a sample
 */
record GemmPatches(
    ByteBuffer memory,
    int batch,
    GemmPlanes.Layout layout,
    int gridHeight,
    int gridWidth,
    int[] taps,
    Object call)
    implements GemmProduct.Columns, GemmWeights.Rows {

  private int points() {
    return gridHeight * gridWidth;
  }

  @Override
  public int columns() {
    return batch * points();
  }

  @Override
  public int perPanel() {
    return PANEL;
  }

  /** Makes room for the samples that {@code count} columns may touch. */
  private GemmPlanes planes(int count, GemmScratch scratch) {
    scratch.planes.use(call, layout, Math.min(batch, (count - 1) / points() + 2));
    return scratch.planes;
  }

  /** Where column {@code n} lies for a tap that starts at 0. */
  private int start(int n, GemmPlanes planes) {
    int point = n % points();
    return planes.start(layout, memory, n / points())
        + point / gridWidth * layout.columns()
        + point % gridWidth;
  }

  /** Columns from {@code n} on that lie side by side. */
  private int run(int n) {
    return gridWidth - n % gridWidth;
  }

  @Override
  public void pack(int first, int count, float[] panels, GemmScratch scratch) {
    GemmPlanes planes = planes(count, scratch);
    GemmPieces pieces = new GemmPieces();
    for (int done = 0; done < count; ) {
      int column = done % PANEL;
      int run = Math.min(Math.min(run(first + done), count - done), PANEL - column);
      int end = CacheLines.FIRST + done / PANEL * taps.length * PANEL + column;
      pieces.add(start(first + done, planes), run, Integer.MAX_VALUE, end, PANEL - column);
      done += run;
    }
    for (int k = 0; k < taps.length; k++) {
      pieces.copyRow(planes.memory(), taps[k], panels, k * PANEL);
    }
  }

  @Override
  public GemmPieces pieces(int first, int count, GemmScratch scratch) {
    GemmPlanes planes = planes(count, scratch);
    GemmPieces pieces = new GemmPieces();
    for (int done = 0; done < count; ) {
      int run = Math.min(run(first + done), count - done);
      pieces.add(start(first + done, planes), run, Integer.MAX_VALUE, done, run + WIDTH);
      done += run;
    }
    return pieces;
  }

  @Override
  public void copy(GemmPieces pieces, int row, float[] to, int end, GemmScratch scratch) {
    pieces.copyRow(scratch.planes.memory(), taps[row], to, end);
  }
}
