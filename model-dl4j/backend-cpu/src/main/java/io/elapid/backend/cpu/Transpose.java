package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Transposes squares of as many rows as a register has lanes: the off-diagonal halves of the square
 * change places, then those of its quarters, and so on.
 *
 * <p>Lanes change places by loading rows again from so many numbers before or behind: the API looks
 * at every lane of a shuffle each time it is used, which takes longer than the load.
 */
final class Transpose {
  /** Numbers in a square. */
  static final int SQUARE = WIDTH * WIDTH;

  /**
   * Squares that go through a stage together: few enough for the nearest cache, and so many that
   * rows have reached it before they are loaded again.
   */
  private static final int TOGETHER = 8;

  private Transpose() {}

  /**
   * Transposes the square at {@code from[start]} to {@code to[end]}; {@code between} is a square of
   * scratch and may hold the source, but nothing else may overlap.
   */
  static void apply(float[] from, int start, float[] between, float[] to, int end) {
    exchange(WIDTH / 2, from, start, between, 0, 1);
    for (int distance = WIDTH / 4; distance > 1; distance /= 2) {
      exchange(distance, between, 0, between, 0, 1);
    }
    exchange(1, between, 0, to, end, 1);
  }

  /**
   * Transposes squares that lie side by side in rows {@code stride} apart to one after the other.
   */
  static void fromRows(ByteBuffer from, int start, int stride, float[] to, int end, int squares) {
    for (int s = 0; s < squares; s += TOGETHER) {
      int count = Math.min(TOGETHER, squares - s);
      int at = end + s * SQUARE;
      exchangeRows(from, start + s * WIDTH, stride, to, at, count);
      for (int distance = WIDTH / 4; distance > 0; distance /= 2) {
        exchange(distance, to, at, to, at, count);
      }
    }
  }

  /** The reverse of {@link #fromRows}; overwrites the source. */
  static void toRows(float[] from, int start, ByteBuffer to, int end, int stride, int squares) {
    for (int s = 0; s < squares; s += TOGETHER) {
      int count = Math.min(TOGETHER, squares - s);
      int at = start + s * SQUARE;
      for (int distance = WIDTH / 2; distance > 1; distance /= 2) {
        exchange(distance, from, at, from, at, count);
      }
      exchangeToRows(from, at, to, end + s * WIDTH, stride, count);
    }
  }

  /** The upper of two rows {@code distance} apart, and its number of the square. */
  private static int row(int pair, int distance) {
    return pair + (pair & -distance);
  }

  /** One stage; rows of the same pair may take the place of one another. */
  private static void exchange(
      int distance, float[] from, int start, float[] to, int end, int squares) {
    IntVector upper = Lanes.upper(distance);
    int d = distance * WIDTH;
    for (int pair = 0; pair < squares * (WIDTH / 2); pair++) {
      int row = row(pair, distance) * WIDTH;
      int x = start + row;
      int y = x + d;
      FloatVector first = FloatVector.fromArray(SPECIES, from, x);
      FloatVector firstMoved = FloatVector.fromArray(SPECIES, from, x + distance);
      FloatVector secondMoved = FloatVector.fromArray(SPECIES, from, y - distance);
      FloatVector second = FloatVector.fromArray(SPECIES, from, y);
      Lanes.select(first, secondMoved, upper).intoArray(to, end + row);
      Lanes.select(firstMoved, second, upper).intoArray(to, end + row + d);
    }
  }

  /** The first stage, from rows. */
  private static void exchangeRows(
      ByteBuffer from, int start, int stride, float[] to, int end, int squares) {
    int distance = WIDTH / 2;
    IntVector upper = Lanes.upper(distance);
    for (int pair = 0; pair < squares * distance; pair++) {
      int row = pair % distance;
      int square = pair / distance;
      int x = start + square * WIDTH + row * stride;
      int y = x + distance * stride;
      int put = end + square * SQUARE + row * WIDTH;
      FloatVector first = Lanes.load(from, x);
      FloatVector firstMoved = Lanes.load(from, x + distance);
      FloatVector secondMoved = Lanes.load(from, y - distance);
      FloatVector second = Lanes.load(from, y);
      Lanes.select(first, secondMoved, upper).intoArray(to, put);
      Lanes.select(firstMoved, second, upper).intoArray(to, put + distance * WIDTH);
    }
  }

  /** The last stage, to rows. */
  private static void exchangeToRows(
      float[] from, int start, ByteBuffer to, int end, int stride, int squares) {
    IntVector upper = Lanes.upper(1);
    for (int pair = 0; pair < squares * (WIDTH / 2); pair++) {
      int row = pair % (WIDTH / 2) * 2;
      int square = pair / (WIDTH / 2);
      int x = start + square * SQUARE + row * WIDTH;
      int put = end + square * WIDTH + row * stride;
      FloatVector first = FloatVector.fromArray(SPECIES, from, x);
      FloatVector firstMoved = FloatVector.fromArray(SPECIES, from, x + 1);
      FloatVector secondMoved = FloatVector.fromArray(SPECIES, from, x + WIDTH - 1);
      FloatVector second = FloatVector.fromArray(SPECIES, from, x + WIDTH);
      Lanes.store(Lanes.select(first, secondMoved, upper), to, put);
      Lanes.store(Lanes.select(firstMoved, second, upper), to, put + stride);
    }
  }
}
