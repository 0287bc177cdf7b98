package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * Turns as many rows as a register has lanes into columns that fill registers, by loads that take
 * each lane from a row of its own. {@link PixelPairs} is faster where rows lie in memory.
 *
 * <p>Such a load takes about as long as one lane each would, but exchanges of halves, quarters and
 * so on between registers take longer: the API looks at every lane of a shuffle each time it is
 * used, and rows that are loaded again one number further on wait for the stores before them.
 */
final class Transpose {
  private Transpose() {}

  /** Where rows {@code stride} apart lie, for {@link #columns}. */
  static int[] rows(int stride) {
    int[] rows = new int[WIDTH];
    for (int lane = 0; lane < WIDTH; lane++) {
      rows[lane] = lane * stride;
    }
    return rows;
  }

  /** Column i of {@code rows} from {@code start} on to {@code to[end + i * step]}. */
  static void columns(
      float[] from, int start, int[] rows, float[] to, int end, int step, int count) {
    for (int i = 0; i < count; i++) {
      FloatVector.fromArray(SPECIES, from, start + i, rows, 0).intoArray(to, end + i * step);
    }
  }
}
