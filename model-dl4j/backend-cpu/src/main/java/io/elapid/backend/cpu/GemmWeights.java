package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Gemm.PANEL;
import static io.elapid.backend.cpu.Gemm.ROWS;
import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * A product {@code c = a b^T} of two matrices with few long rows each, as gradients of weights are:
 * sums over all positions of all samples.
 *
 * <p>Positions are cut into slices that do not depend on the number of threads, each summed up by
 * itself, the slices then one after the other. Within a slice a block of columns of both matrices
 * is copied, b's transposed into panels.
 */
final class GemmWeights {
  /** A matrix whose columns are copied block by block. */
  interface Rows {
    /** How columns {@code first} to {@code first + count} of a row are put together. */
    GemmPieces pieces(int first, int count, GemmScratch memory);

    /** Copies them, and anything to the register behind. */
    void copy(GemmPieces pieces, int row, float[] to, int start, GemmScratch memory);
  }

  /** Positions of a block: a panel of as many rows lies well in the second-nearest cache. */
  private static final int BLOCK = 256;

  /** Numbers that the sums of all slices may take. */
  private static final int SUMS = 1 << 16;

  private static final int MOST_SLICES = 8;

  private final Workers workers;
  private final ThreadLocal<GemmScratch> scratch;
  private float[] sums = {};

  GemmWeights(Workers workers, ThreadLocal<GemmScratch> scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  /** Sizes of one product, and how it is cut. */
  private record Cut(int rows, int columns, int depth, int slices, int shares) {
    int width() {
      return Lanes.roundUp(columns);
    }

    int tiles() {
      return (rows + ROWS - 1) / ROWS;
    }

    /** First position of a slice. */
    int start(int slice) {
      int blocks = (depth + BLOCK - 1) / BLOCK;
      return Math.min(depth, blocks * slice / slices * BLOCK);
    }

    int size() {
      return tiles() * ROWS * width();
    }
  }

  private Cut cut(int rows, int columns, int depth) {
    int blocks = (depth + BLOCK - 1) / BLOCK;
    int size = (rows + ROWS) * Lanes.roundUp(columns);
    int slices = Math.min(Math.min(blocks, MOST_SLICES), Math.max(1, SUMS / size));
    int shares = 1;
    while (slices < 4 * workers.threads() && slices * shares % workers.threads() != 0) {
      shares++;
    }
    shares = Math.min(shares, (rows + ROWS - 1) / ROWS);
    return new Cut(rows, columns, depth, slices, shares);
  }

  /** What a product is written to: itself, or its transposed. */
  enum Form {
    STRAIGHT,
    TRANSPOSED
  }

  /** Writes {@code c[r, j] = sum over k of a[r, k] b[j, k]}, k up to {@code depth}. */
  void run(int rows, int columns, int depth, Rows a, Rows b, ByteBuffer out, Form form) {
    Cut cut = cut(rows, columns, depth);
    sums = GemmScratch.atLeast(sums, cut.slices() * cut.size());
    float[] c = sums;
    workers.forEach(
        cut.slices() * cut.shares(),
        (long) rows * columns * depth / ((long) cut.slices() * cut.shares()),
        (from, to) -> {
          for (int item = from; item < to; item++) {
            slice(cut, item / cut.shares(), item % cut.shares(), a, b, c);
          }
        });
    workers.forEach(
        cut.tiles(),
        (long) ROWS * cut.slices() * cut.width(),
        (from, to) -> collect(cut, c, from * ROWS, Math.min(rows, to * ROWS), out, form));
  }

  private static void collect(Cut cut, float[] c, int first, int last, ByteBuffer out, Form form) {
    for (int r = first; r < last; r++) {
      collect(cut, c, r);
      if (form == Form.STRAIGHT) {
        GemmMaps.store(c, r * cut.width(), cut.columns(), out, r * cut.columns());
      }
    }
    if (form == Form.TRANSPOSED) {
      GemmTranspose.rows(c, cut.width(), first, last, cut.columns(), out, cut.rows());
    }
  }

  /** Adds up a row over all slices, in the first. */
  private static void collect(Cut cut, float[] c, int r) {
    int start = r * cut.width();
    for (int s = 1; s < cut.slices(); s++) {
      int other = s * cut.size() + start;
      for (int j = 0; j < cut.width(); j += WIDTH) {
        load(c, start + j).add(load(c, other + j)).intoArray(c, start + j);
      }
    }
  }

  private static FloatVector load(float[] from, int index) {
    return FloatVector.fromArray(SPECIES, from, index);
  }

  private void slice(Cut cut, int slice, int share, Rows a, Rows b, float[] c) {
    GemmScratch memory = scratch.get();
    int firstTile = cut.tiles() * share / cut.shares();
    int lastTile = cut.tiles() * (share + 1) / cut.shares();
    int firstRow = firstTile * ROWS;
    int lastRow = Math.min(cut.rows(), lastTile * ROWS);
    int sum = slice * cut.size();
    Arrays.fill(c, sum + firstRow * cut.width(), sum + lastTile * ROWS * cut.width(), 0);
    float[] rows = memory.rows((lastTile - firstTile) * ROWS * BLOCK + WIDTH);
    float[] lanes = memory.lanes(PANEL * (BLOCK + WIDTH));
    float[] panel = memory.panel(PANEL * BLOCK);
    float[] tile = memory.tiles(1)[0];
    for (int k = cut.start(slice); k < cut.start(slice + 1); k += BLOCK) {
      int depth = Math.min(BLOCK, cut.depth() - k);
      GemmPieces ofA = a.pieces(k, depth, memory);
      for (int r = firstRow; r < lastRow; r++) {
        a.copy(ofA, r, rows, (r - firstRow) * BLOCK, memory);
      }
      GemmPieces ofB = b.pieces(k, depth, memory);
      for (int j = 0; j < cut.columns(); j += PANEL) {
        int count = Math.min(PANEL, cut.columns() - j);
        int width = Lanes.roundUp(count);
        for (int i = 0; i < count; i++) {
          b.copy(ofB, j + i, lanes, i * (BLOCK + WIDTH), memory);
        }
        transpose(lanes, depth, width, panel);
        for (int t = firstTile; t < lastTile; t++) {
          int row = (t - firstTile) * ROWS * BLOCK;
          Gemm.tile(rows, row, BLOCK, panel, CacheLines.FIRST, width, depth, tile);
          add(tile, width, c, sum + t * ROWS * cut.width() + j, cut.width());
        }
      }
    }
  }

  private static void add(float[] tile, int width, float[] c, int start, int step) {
    for (int r = 0; r < ROWS; r++) {
      for (int j = 0; j < width; j += WIDTH) {
        int i = start + r * step + j;
        load(c, i).add(load(tile, r * PANEL + j)).intoArray(c, i);
      }
    }
  }

  /** Rows {@code BLOCK + WIDTH} apart to a panel, from {@link CacheLines#FIRST} on. */
  private static void transpose(float[] rows, int depth, int width, float[] panel) {
    int step = BLOCK + WIDTH;
    int j = 0;
    for (; j <= width - GemmTranspose.ROWS; j += GemmTranspose.ROWS) {
      GemmTranspose.eight(rows, j * step, step, depth, panel, CacheLines.FIRST + j, PANEL);
    }
    // Registers of four lanes make widths that are no multiple of eight.
    for (; j < width; j++) {
      for (int k = 0; k < depth; k++) {
        panel[CacheLines.FIRST + k * PANEL + j] = rows[j * step + k];
      }
    }
  }
}
