package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Gemm.PANEL;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * How a row of some panels is put together from runs of memory, a register at a time.
 *
 * <p>What a register holds beyond its run lands where the next run goes, and is overwritten by it.
 * So runs are added and copied in order, those that are not even a register at the end of a panel
 * last.
 */
final class GemmPieces {
  private int[] from = new int[64];
  private int[] to = new int[64];
  private int full;
  private int[] narrow = new int[24];
  private int rest;

  /**
   * Adds a run.
   *
   * @param start where it is in the first row
   * @param limit end of the memory that may be read, for the first row
   * @param end where it goes in the first row
   * @param room numbers from there to the end of the panel's row
   */
  void add(int start, int run, int limit, int end, int room) {
    for (int i = 0; i < run; i += WIDTH) {
      if (i + WIDTH <= run || (start + i + WIDTH <= limit && i + WIDTH <= room)) {
        piece(start + i, end + i);
      } else if (run >= WIDTH) {
        piece(start + run - WIDTH, end + run - WIDTH);
      } else {
        rest(start + i, end + i, run - i);
      }
    }
  }

  private void piece(int start, int end) {
    if (full == from.length) {
      from = Arrays.copyOf(from, 2 * full);
      to = Arrays.copyOf(to, 2 * full);
    }
    from[full] = start;
    to[full++] = end;
  }

  private void rest(int start, int end, int count) {
    if (rest == narrow.length) {
      narrow = Arrays.copyOf(narrow, 2 * rest);
    }
    narrow[rest++] = start;
    narrow[rest++] = end;
    narrow[rest++] = count;
  }

  /** Copies {@code rows} rows that lie {@code step} apart. */
  void copy(ByteBuffer memory, int step, int rows, float[] panels) {
    for (int k = 0; k < rows; k++) {
      row(memory, k * step, from, to, full, panels, k * PANEL);
    }
    for (int i = 0; i < rest; i += 3) {
      for (int k = 0; k < rows; k++) {
        for (int j = 0; j < narrow[i + 2]; j++) {
          panels[narrow[i + 1] + k * PANEL + j] = Lanes.get(memory, narrow[i] + k * step + j);
        }
      }
    }
  }

  private static void row(
      ByteBuffer memory, int start, int[] from, int[] to, int count, float[] panels, int end) {
    for (int i = 0; i < count; i++) {
      Lanes.load(memory, start + from[i]).intoArray(panels, end + to[i]);
    }
  }

  /** Copies one row. */
  void copyRow(ByteBuffer memory, int start, float[] panels, int end) {
    row(memory, start, from, to, full, panels, end);
    for (int i = 0; i < rest; i += 3) {
      for (int j = 0; j < narrow[i + 2]; j++) {
        panels[end + narrow[i + 1] + j] = Lanes.get(memory, start + narrow[i] + j);
      }
    }
  }

  /** Copies one row from an array. */
  void copyRow(float[] memory, int start, float[] panels, int end) {
    row(memory, start, from, to, full, panels, end);
    for (int i = 0; i < rest; i += 3) {
      System.arraycopy(memory, start + narrow[i], panels, end + narrow[i + 1], narrow[i + 2]);
    }
  }

  private static void row(
      float[] memory, int start, int[] from, int[] to, int count, float[] panels, int end) {
    for (int i = 0; i < count; i++) {
      FloatVector.fromArray(Lanes.SPECIES, memory, start + from[i]).intoArray(panels, end + to[i]);
    }
  }
}
