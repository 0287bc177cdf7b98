package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Gemm.PANEL;
import static io.elapid.backend.cpu.Gemm.ROWS;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.Workers;

/**
 * A matrix product {@code c = a b} shared among threads: panels of b are packed one at a time and
 * multiplied with all rows of a, or with some of them where there are fewer panels than threads.
 */
final class GemmProduct {
  /** What packs columns of b. */
  interface Columns {
    /**
     * Packs columns {@code first} to {@code first + count} of all rows; those between {@code count}
     * and {@code width} may become anything.
     *
     * @param width distance of the panel's rows
     */
    void pack(int first, int count, int width, float[] panel);
  }

  /** Where tiles of c go. */
  interface Sink {
    /** Takes a tile, rows {@link Gemm#PANEL} apart; what it holds is free afterwards. */
    void store(float[] tile, int row, int rows, int first, int count);
  }

  private final Workers workers;
  private final ThreadLocal<GemmScratch> scratch;
  private float[] left = {};

  GemmProduct(Workers workers, ThreadLocal<GemmScratch> scratch) {
    this.workers = workers;
    this.scratch = scratch;
  }

  /** Memory for {@code rows} by {@code depth} of a, and the rows that a tile computes in excess. */
  float[] left(int rows, int depth) {
    left = GemmScratch.atLeast(left, (rows + ROWS - 1) * depth);
    return left;
  }

  /** Multiplies {@code rows} rows of a, {@code depth} long and apart, with all columns. */
  void run(float[] a, int rows, int depth, int columns, Columns b, Sink c) {
    int panels = (columns + PANEL - 1) / PANEL;
    int tiles = (rows + ROWS - 1) / ROWS;
    int wanted = 4 * workers.threads();
    int shares =
        workers.threads() == 1 || panels >= wanted
            ? 1
            : Math.min(tiles, (wanted + panels - 1) / panels);
    workers.forEach(
        panels * shares,
        (long) tiles * depth * ROWS / shares,
        (from, to) -> {
          GemmScratch memory = scratch.get();
          float[] panel = memory.panel(depth * PANEL + WIDTH);
          int packed = -1;
          for (int item = from; item < to; item++) {
            int p = item / shares;
            int count = Math.min(PANEL, columns - p * PANEL);
            int width = Lanes.roundUp(count);
            if (p != packed) {
              b.pack(p * PANEL, count, width, panel);
              packed = p;
            }
            int share = item % shares;
            for (int t = tiles * share / shares; t < tiles * (share + 1) / shares; t++) {
              int row = t * ROWS;
              Gemm.tile(a, row * depth, depth, panel, 0, width, depth, memory.tile);
              c.store(memory.tile, row, Math.min(ROWS, rows - row), p * PANEL, count);
            }
          }
        });
  }
}
