package io.elapid.backend.cpu;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Transposes matrices eight rows at a time, so that what is written lies in short runs. */
final class GemmTranspose {
  /** Rows at a time. */
  static final int ROWS = 8;

  private GemmTranspose() {}

  /**
   * Element (r, c) to {@code to[end + c * step + r]} for the eight rows from {@code start} on,
   * which lie {@code stride} apart.
   */
  static void eight(
      float[] from, int start, int stride, int columns, float[] to, int end, int step) {
    for (int c = 0; c < columns; c++) {
      int i = start + c;
      int j = end + c * step;
      to[j] = from[i];
      to[j + 1] = from[i + stride];
      to[j + 2] = from[i + 2 * stride];
      to[j + 3] = from[i + 3 * stride];
      to[j + 4] = from[i + 4 * stride];
      to[j + 5] = from[i + 5 * stride];
      to[j + 6] = from[i + 6 * stride];
      to[j + 7] = from[i + 7 * stride];
    }
  }

  /**
   * Rows {@code first} to {@code last} of a matrix of {@code rows} by {@code columns} to columns of
   * {@code to}.
   */
  static void columns(
      ByteBuffer from, int first, int last, int rows, int columns, float[] to, GemmScratch memory) {
    FloatBuffer source = from.asFloatBuffer();
    float[] copy = memory.rows(ROWS * columns);
    for (int r = first; r < last; r += ROWS) {
      int count = Math.min(ROWS, last - r);
      source.get(r * columns, copy, 0, count * columns);
      if (count == ROWS) {
        eight(copy, 0, columns, columns, to, r, rows);
      } else {
        for (int i = 0; i < count; i++) {
          for (int c = 0; c < columns; c++) {
            to[c * rows + r + i] = copy[i * columns + c];
          }
        }
      }
    }
  }

  /**
   * Rows of {@code from}, {@code stride} apart, to columns {@code first} to {@code last} of a
   * matrix of {@code columns} columns.
   */
  static void rows(
      float[] from, int stride, int first, int last, int length, ByteBuffer to, int columns) {
    int r = first;
    for (; r <= last - ROWS; r += ROWS) {
      eight(from, r * stride, stride, length, to, r, columns);
    }
    for (; r < last; r++) {
      for (int c = 0; c < length; c++) {
        Lanes.put(to, c * columns + r, from[r * stride + c]);
      }
    }
  }

  private static void eight(
      float[] from, int start, int stride, int length, ByteBuffer to, int end, int step) {
    for (int c = 0; c < length; c++) {
      int i = start + c;
      int j = end + c * step;
      Lanes.put(to, j, from[i]);
      Lanes.put(to, j + 1, from[i + stride]);
      Lanes.put(to, j + 2, from[i + 2 * stride]);
      Lanes.put(to, j + 3, from[i + 3 * stride]);
      Lanes.put(to, j + 4, from[i + 4 * stride]);
      Lanes.put(to, j + 5, from[i + 5 * stride]);
      Lanes.put(to, j + 6, from[i + 6 * stride]);
      Lanes.put(to, j + 7, from[i + 7 * stride]);
    }
  }
}
