package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Sums across lanes of many registers, as many at a time as a register has lanes: two registers
 * become one by exchanging halves and adding, two of those one by quarters, and so on. The order of
 * each sum is fixed. As in {@link Transpose}, lanes are moved by loading from elsewhere.
 */
final class LaneSums {
  private LaneSums() {}

  /** Numbers of scratch for sums of {@code count} registers. */
  static int scratch(int count) {
    return Lanes.roundUp(count) * WIDTH / 2 + WIDTH;
  }

  /**
   * Sums {@code count} registers, a multiple of the width: that at {@code from[first + rows[i]]} to
   * {@code to[i]}.
   *
   * @param from with half a register before and behind those that are summed
   * @param to overwritten to its end; {@link #scratch} numbers
   */
  static void of(float[] from, int first, int[] rows, int count, float[] to) {
    halveRows(from, first, rows, count / 2, to);
    for (int distance = WIDTH / 4; distance > 0; distance /= 2) {
      halve(to, count / WIDTH * distance, distance);
    }
  }

  /** Rows that lie half a register's number of rows apart to one each. */
  private static void halveRows(float[] from, int first, int[] rows, int pairs, float[] to) {
    int distance = WIDTH / 2;
    IntVector upper = Lanes.upper(distance);
    for (int i = 0; i < pairs; i++) {
      int row = i / distance * WIDTH + i % distance;
      int x = first + rows[row];
      int y = first + rows[row + distance];
      halved(from, x, y, distance, upper).intoArray(to, i * WIDTH);
    }
  }

  /** Two registers, {@code distance} apart, to one; from {@code 2 pairs} registers to half. */
  private static void halve(float[] sums, int pairs, int distance) {
    IntVector upper = Lanes.upper(distance);
    for (int i = 0; i < pairs; i++) {
      int x = (i / distance * 2 * distance + i % distance) * WIDTH;
      int y = x + distance * WIDTH;
      halved(sums, x, y, distance, upper).intoArray(sums, i * WIDTH);
    }
  }

  /** Sums of lanes {@code distance} apart: in the lower ones of x, in the upper ones of y. */
  private static FloatVector halved(float[] from, int x, int y, int distance, IntVector upper) {
    FloatVector near =
        Lanes.select(
            FloatVector.fromArray(SPECIES, from, x),
            FloatVector.fromArray(SPECIES, from, y),
            upper);
    FloatVector far =
        Lanes.select(
            FloatVector.fromArray(SPECIES, from, x + distance),
            FloatVector.fromArray(SPECIES, from, y - distance),
            upper);
    return near.add(far);
  }
}
