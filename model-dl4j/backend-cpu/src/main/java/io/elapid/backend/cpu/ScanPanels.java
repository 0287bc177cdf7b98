package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;

/**
 * Moves a block of channels between a map, whose rows are positions, and a panel, in which the
 * channels of a position fill a register.
 */
final class ScanPanels {
  private ScanPanels() {}

  /** Fills a panel; lanes without a channel are set to zero. */
  static void gather(
      ByteBuffer map, int mapStart, int positions, int lanes, float[] panel, int to) {
    for (int p = 0; p < positions; p += WIDTH) {
      int count = Math.min(WIDTH, positions - p);
      for (int c = 0; c < lanes; c++) {
        column(map, mapStart + c * positions + p, count, panel, to + p * WIDTH + c);
      }
      for (int c = lanes; c < WIDTH; c++) {
        zeros(panel, to + p * WIDTH + c, count);
      }
    }
  }

  private static void column(ByteBuffer map, int from, int count, float[] panel, int to) {
    for (int i = 0; i < count; i++) {
      panel[to + i * WIDTH] = Lanes.get(map, from + i);
    }
  }

  private static void zeros(float[] panel, int to, int count) {
    for (int i = 0; i < count; i++) {
      panel[to + i * WIDTH] = 0;
    }
  }

  /** Writes a panel's channels to the map. */
  static void scatter(
      float[] panel, int from, ByteBuffer map, int mapStart, int positions, int lanes) {
    for (int p = 0; p < positions; p += WIDTH) {
      int count = Math.min(WIDTH, positions - p);
      for (int c = 0; c < lanes; c++) {
        row(panel, from + p * WIDTH + c, map, mapStart + c * positions + p, count);
      }
    }
  }

  private static void row(float[] panel, int from, ByteBuffer map, int to, int count) {
    for (int i = 0; i < count; i++) {
      Lanes.put(map, to + i, panel[from + i * WIDTH]);
    }
  }

  /** Copies {@code count} rows of {@code lanes} values, {@code stride} apart, to registers. */
  static void load(ByteBuffer from, int start, int stride, int lanes, int count, float[] to) {
    for (int i = 0; i < count; i++) {
      if (lanes == WIDTH) {
        Lanes.load(from, start + i * stride).intoArray(to, i * WIDTH);
      } else {
        for (int c = 0; c < WIDTH; c++) {
          to[i * WIDTH + c] = c < lanes ? Lanes.get(from, start + i * stride + c) : 0;
        }
      }
    }
  }

  /** Copies registers to {@code count} rows of {@code lanes} values, {@code stride} apart. */
  static void store(
      float[] from, int first, ByteBuffer to, int start, int stride, int lanes, int count) {
    for (int i = 0; i < count; i++) {
      if (lanes == WIDTH) {
        Lanes.store(
            FloatVector.fromArray(Lanes.SPECIES, from, first + i * WIDTH), to, start + i * stride);
      } else {
        for (int c = 0; c < lanes; c++) {
          Lanes.put(to, start + i * stride + c, from[first + i * WIDTH + c]);
        }
      }
    }
  }
}
