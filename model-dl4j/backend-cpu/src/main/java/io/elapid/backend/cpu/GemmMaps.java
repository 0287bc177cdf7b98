package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Gemm.PANEL;
import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/**
 * Maps {@code (batch, channels, positions)} as a matrix of one row per channel whose columns are
 * the positions of all samples one after the other.
 */
record GemmMaps(ByteBuffer memory, int batch, int channels, int positions)
    implements GemmProduct.Columns, GemmWeights.Rows {

  @Override
  public int columns() {
    return batch * positions;
  }

  /** Whole samples, where they are shorter than a register. */
  @Override
  public int perPanel() {
    return positions < WIDTH ? PANEL / positions * positions : PANEL;
  }

  /** Index of column {@code n} in the first channel. */
  private int start(int n) {
    return n / positions * channels * positions + n % positions;
  }

  /** Columns from {@code n} on that lie side by side. */
  private int run(int n) {
    return positions - n % positions;
  }

  @Override
  public void pack(int first, int count, float[] panels, GemmScratch unused) {
    GemmPieces pieces = new GemmPieces();
    int perPanel = perPanel();
    int limit = memory.capacity() / Float.BYTES - (channels - 1) * positions;
    for (int done = 0; done < count; ) {
      int column = done % perPanel;
      int run = Math.min(Math.min(run(first + done), count - done), perPanel - column);
      int end = CacheLines.FIRST + done / perPanel * channels * PANEL + column;
      pieces.add(start(first + done), run, limit, end, PANEL - column);
      done += run;
    }
    pieces.copy(memory, positions, channels, panels);
  }

  /** Writes a tile of rows {@code row} and following. */
  void store(float[][] tiles, int row, int rows, int first, int count) {
    float[] tile = tiles[0];
    for (int done = 0; done < count; ) {
      int run = Math.min(run(first + done), count - done);
      int start = start(first + done) + row * positions;
      if (run < WIDTH && run == positions) {
        storeTogether(tile, done, rows, memory, start, positions);
      } else {
        for (int r = 0; r < rows; r++) {
          store(tile, r * PANEL + done, run, memory, start + r * positions);
        }
      }
      done += run;
    }
  }

  /** Writes one run. */
  static void store(float[] tile, int from, int run, ByteBuffer to, int start) {
    int i = 0;
    for (; i <= run - WIDTH; i += WIDTH) {
      Lanes.store(load(tile, from + i), to, start + i);
    }
    if (i < run && run >= WIDTH) {
      Lanes.store(load(tile, from + run - WIDTH), to, start + run - WIDTH);
    } else {
      for (; i < run; i++) {
        Lanes.put(to, start + i, tile[from + i]);
      }
    }
  }

  private static FloatVector load(float[] from, int index) {
    return FloatVector.fromArray(SPECIES, from, index);
  }

  /**
   * Short maps of several channels lie side by side: moves them together at the tile's end, then
   * writes them in one run.
   */
  private static void storeTogether(
      float[] tile, int from, int rows, ByteBuffer to, int start, int positions) {
    for (int r = 0; r < rows; r++) {
      load(tile, r * PANEL + from).intoArray(tile, Gemm.TILE + r * positions);
    }
    store(tile, Gemm.TILE, rows * positions, to, start);
  }

  @Override
  public GemmPieces pieces(int first, int count, GemmScratch unused) {
    GemmPieces pieces = new GemmPieces();
    int limit = memory.capacity() / Float.BYTES - (channels - 1) * positions;
    for (int done = 0; done < count; ) {
      int run = Math.min(run(first + done), count - done);
      pieces.add(start(first + done), run, limit, done, run + WIDTH);
      done += run;
    }
    return pieces;
  }

  @Override
  public void copy(GemmPieces pieces, int row, float[] to, int end, GemmScratch unused) {
    pieces.copyRow(memory, row * positions, to, end);
  }
}
