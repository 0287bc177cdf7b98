package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Moves a block of channels between a map, whose rows are positions, and a panel, in which the
 * channels of a position fill a register. Not for several threads at once.
 */
final class ScanPanels {
  private final float[] square = new float[Transpose.SQUARE];
  private final float[] turned = new float[Transpose.SQUARE];

  /**
   * Fills a panel from {@code to} on; lanes without a channel, and the register for padding behind
   * the last position, are set to zero.
   */
  void gather(ByteBuffer map, int start, int positions, int lanes, float[] panel, int to) {
    Arrays.fill(square, lanes * WIDTH, square.length, 0);
    for (int p = 0; p < positions; p += WIDTH) {
      // The last square may overlap the one before: it holds the same values again.
      int first = Math.min(p, positions - WIDTH);
      if (first < 0) {
        few(map, start, positions, lanes, panel, to);
        break;
      }
      for (int c = 0; c < lanes; c++) {
        Lanes.load(map, start + c * positions + first).intoArray(square, c * WIDTH);
      }
      Transpose.apply(square, 0, turned, panel, to + first * WIDTH);
    }
    Arrays.fill(panel, to + positions * WIDTH, to + (positions + 1) * WIDTH, 0);
  }

  private static void few(
      ByteBuffer map, int start, int positions, int lanes, float[] panel, int to) {
    for (int p = 0; p < positions; p++) {
      for (int c = 0; c < WIDTH; c++) {
        float value = c < lanes ? Lanes.get(map, start + c * positions + p) : 0;
        panel[to + p * WIDTH + c] = value;
      }
    }
  }

  /** Writes a panel's channels to the map. */
  void scatter(float[] panel, int from, ByteBuffer map, int start, int positions, int lanes) {
    for (int p = 0; p < positions; p += WIDTH) {
      int first = Math.min(p, positions - WIDTH);
      if (first < 0) {
        few(panel, from, map, start, positions, lanes);
        break;
      }
      Transpose.apply(panel, from + first * WIDTH, square, turned, 0);
      for (int c = 0; c < lanes; c++) {
        Lanes.store(
            FloatVector.fromArray(Lanes.SPECIES, turned, c * WIDTH),
            map,
            start + c * positions + first);
      }
    }
  }

  private static void few(
      float[] panel, int from, ByteBuffer map, int start, int positions, int lanes) {
    for (int p = 0; p < positions; p++) {
      for (int c = 0; c < lanes; c++) {
        Lanes.put(map, start + c * positions + p, panel[from + p * WIDTH + c]);
      }
    }
  }

  /** Copies {@code count} rows of {@code lanes} values, {@code stride} apart, to registers. */
  static void load(
      ByteBuffer from, int start, int stride, int lanes, int count, float[] to, int first) {
    if (lanes < WIDTH) {
      Arrays.fill(to, first, first + count * WIDTH, 0);
      for (int i = 0; i < count; i++) {
        for (int c = 0; c < lanes; c++) {
          to[first + i * WIDTH + c] = Lanes.get(from, start + i * stride + c);
        }
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      Lanes.load(from, start + i * stride).intoArray(to, first + i * WIDTH);
    }
  }

  /** Copies registers to {@code count} rows of {@code lanes} values, {@code stride} apart. */
  static void store(
      float[] from, int first, ByteBuffer to, int start, int stride, int lanes, int count) {
    if (lanes < WIDTH) {
      for (int i = 0; i < count; i++) {
        for (int c = 0; c < lanes; c++) {
          Lanes.put(to, start + i * stride + c, from[first + i * WIDTH + c]);
        }
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      Lanes.store(
          FloatVector.fromArray(Lanes.SPECIES, from, first + i * WIDTH), to, start + i * stride);
    }
  }

  /** Copies {@code count} numbers. */
  static void copy(ByteBuffer from, int start, int count, float[] to) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      Lanes.load(from, start + i).intoArray(to, i);
    }
    for (; i < count; i++) {
      to[i] = Lanes.get(from, start + i);
    }
  }
}
