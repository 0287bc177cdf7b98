package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Gemm.PANEL;
import static io.elapid.backend.cpu.Gemm.ROWS;

import io.elapid.kernel.Workers;
import java.nio.ByteBuffer;

/**
 * A matrix product {@code c = a b} shared among threads: some panels of b are packed at a time, as
 * many as stay in the second-nearest cache, and multiplied with all rows of a, or with some of them
 * where there is too little of b for all threads. Several panels at a time read b and write c in
 * longer runs, which memory is much faster at.
 */
final class GemmProduct {
  /** What packs columns of b. */
  interface Columns {
    /** Columns of the product. */
    int columns();

    /** How many of them a panel takes, at most {@link Gemm#PANEL}. */
    int perPanel();

    /**
     * Packs all rows of columns {@code first} to {@code first + count} into panels one after the
     * other, from {@link CacheLines#FIRST} on. Columns of a panel that are not used may become
     * anything.
     */
    void pack(int first, int count, float[] panels, GemmScratch memory);
  }

  /** Where tiles of c go. */
  interface Sink {
    /**
     * Takes the tiles of some rows, one for each phase, rows {@link Gemm#PANEL} apart; what they
     * hold is free afterwards.
     */
    void store(float[][] tiles, int row, int rows, int first, int count);
  }

  /**
   * The left matrix.
   *
   * <p>With several phases there are as many products of the same b: the rows of tile t lie, phase
   * after phase, from row {@code t * phases * ROWS} on. A phase may need only the first columns.
   *
   * @param rows rows of each phase
   * @param step distance of rows, and rows of b
   * @param depths columns that each phase needs
   */
  record Left(float[] values, int rows, int step, int... depths) {
    int tiles() {
      return (rows + ROWS - 1) / ROWS;
    }
  }

  /** Numbers in the panels that are packed together. */
  private static final int PACKED = 96 * 1024;

  private static final int MOST_PANELS = 8;

  private final Workers workers;
  private final ThreadLocal<GemmScratch> scratch;
  private float[] left = {};
  private float[] turned = {};

  GemmProduct(Workers workers, ThreadLocal<GemmScratch> scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  /** Memory for a left matrix, and the rows that a tile computes in excess. */
  float[] left(int rows, int step, int phases) {
    left = GemmScratch.atLeast(left, (rows + ROWS - 1) / ROWS * ROWS * phases * step);
    return left;
  }

  /** The transposed of a matrix, with memory behind it as for a left matrix. */
  float[] transposed(ByteBuffer matrix, int rows, int columns) {
    turned = GemmScratch.atLeast(turned, (columns + ROWS - 1) * rows);
    float[] to = turned;
    int blocks = (rows + GemmTranspose.ROWS - 1) / GemmTranspose.ROWS;
    workers.forEach(
        blocks,
        (long) GemmTranspose.ROWS * columns,
        (from, end) ->
            GemmTranspose.columns(
                matrix,
                from * GemmTranspose.ROWS,
                Math.min(rows, end * GemmTranspose.ROWS),
                rows,
                columns,
                to,
                scratch.get()));
    return to;
  }

  /** One product, and how it is cut. */
  private record Cut(Left a, Columns b, Sink c, int perPanel, int group, int shares) {
    /** First tile of a share of rows. */
    int start(int share) {
      return a.tiles() * share / shares;
    }

    /** Columns that are packed together. */
    int packed() {
      return group * perPanel;
    }
  }

  /** Multiplies all rows with all columns. */
  void run(Left a, Columns b, Sink c) {
    int threads = workers.threads();
    int perPanel = b.perPanel();
    int panels = (b.columns() + perPanel - 1) / perPanel;
    int fit = Math.max(1, Math.min(MOST_PANELS, PACKED / (a.step() * PANEL)));
    int group = Math.max(1, Math.min(fit, panels / (4 * threads)));
    int groups = (panels + group - 1) / group;
    int tiles = a.tiles();
    int shares =
        threads == 1 || groups >= 4 * threads
            ? 1
            : Math.min(tiles, (4 * threads + groups - 1) / groups);
    Cut cut = new Cut(a, b, c, perPanel, group, shares);
    workers.forEach(
        groups * shares,
        (long) tiles * ROWS * a.step() * group / shares,
        (from, to) -> items(cut, from, to));
  }

  private void items(Cut cut, int from, int to) {
    GemmScratch memory = scratch.get();
    float[] panels = memory.panel((cut.group() * cut.a().step() + 1) * PANEL);
    float[][] tiles = memory.tiles(cut.a().depths().length);
    int packed = -1;
    for (int item = from; item < to; item++) {
      int g = item / cut.shares();
      int first = g * cut.packed();
      int count = Math.min(cut.packed(), cut.b().columns() - first);
      if (g != packed) {
        cut.b().pack(first, count, panels, memory);
        packed = g;
      }
      multiply(cut, item % cut.shares(), panels, first, count, tiles);
    }
  }

  private static void multiply(
      Cut cut, int share, float[] panels, int first, int count, float[][] tiles) {
    Left a = cut.a();
    int phases = a.depths().length;
    for (int t = cut.start(share); t < cut.start(share + 1); t++) {
      int row = t * ROWS;
      int rows = Math.min(ROWS, a.rows() - row);
      int panel = CacheLines.FIRST;
      for (int j = 0; j < count; j += cut.perPanel()) {
        int columns = Math.min(cut.perPanel(), count - j);
        int width = Lanes.roundUp(columns);
        for (int p = 0; p < phases; p++) {
          int start = (row * phases + p * ROWS) * a.step();
          int depth = a.depths()[p];
          Gemm.tile(a.values(), start, a.step(), panels, panel, width, depth, tiles[p]);
        }
        cut.c().store(tiles, row, rows, first + j, columns);
        panel += a.step() * PANEL;
      }
    }
  }
}
