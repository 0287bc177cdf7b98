package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums down the columns of a matrix whose rows lie {@code step} apart, in whole registers of
 * columns. Four rows at a time, so that the sums are read and written less often.
 */
final class ColumnSums {
  private ColumnSums() {}

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  /** Adds the values of {@code rows} rows, {@code step} apart, to {@code sums}. */
  static void addSums(ByteBuffer x, int start, int step, int rows, float[] sums, int columns) {
    int row = start;
    int c = 0;
    for (; c <= rows - 8; c += 8, row += 8 * step) {
      addEight(x, row, step, sums, columns);
    }
    for (; c <= rows - 4; c += 4, row += 4 * step) {
      addFour(x, row, step, sums, columns);
    }
    for (; c < rows; c++, row += step) {
      addOne(x, row, sums, columns);
    }
  }

  private static void addEight(ByteBuffer x, int start, int step, float[] sums, int columns) {
    int b = start + step;
    int c = b + step;
    int d = c + step;
    int e = d + step;
    int f = e + step;
    int g = f + step;
    int h = g + step;
    for (int i = 0; i < columns; i += WIDTH) {
      FloatVector two = Lanes.load(x, start + i).add(Lanes.load(x, b + i));
      FloatVector four = two.add(Lanes.load(x, c + i).add(Lanes.load(x, d + i)));
      FloatVector six = Lanes.load(x, e + i).add(Lanes.load(x, f + i));
      FloatVector more = six.add(Lanes.load(x, g + i).add(Lanes.load(x, h + i)));
      load(sums, i).add(four.add(more)).intoArray(sums, i);
    }
  }

  private static void addFour(ByteBuffer x, int start, int step, float[] sums, int columns) {
    int b = start + step;
    int c = b + step;
    int d = c + step;
    for (int i = 0; i < columns; i += WIDTH) {
      FloatVector two = Lanes.load(x, start + i).add(Lanes.load(x, b + i));
      FloatVector more = Lanes.load(x, c + i).add(Lanes.load(x, d + i));
      load(sums, i).add(two.add(more)).intoArray(sums, i);
    }
  }

  private static void addOne(ByteBuffer x, int start, float[] sums, int columns) {
    for (int i = 0; i < columns; i += WIDTH) {
      load(sums, i).add(Lanes.load(x, start + i)).intoArray(sums, i);
    }
  }

  /** Adds the squares of what {@link #addSums} adds, less the means. */
  static void addSquares(
      ByteBuffer x, int start, int step, int rows, float[] means, float[] squares, int columns) {
    int row = start;
    int c = 0;
    for (; c <= rows - 4; c += 4, row += 4 * step) {
      addFourSquares(x, row, step, means, squares, columns);
    }
    for (; c < rows; c++, row += step) {
      addSquare(x, row, means, squares, columns);
    }
  }

  private static void addFourSquares(
      ByteBuffer x, int start, int step, float[] means, float[] squares, int columns) {
    int b = start + step;
    int c = b + step;
    int d = c + step;
    for (int i = 0; i < columns; i += WIDTH) {
      FloatVector mean = load(means, i);
      FloatVector d0 = Lanes.load(x, start + i).sub(mean);
      FloatVector d1 = Lanes.load(x, b + i).sub(mean);
      FloatVector d2 = Lanes.load(x, c + i).sub(mean);
      FloatVector d3 = Lanes.load(x, d + i).sub(mean);
      FloatVector s = d0.lanewise(VectorOperators.FMA, d0, load(squares, i));
      s = d1.lanewise(VectorOperators.FMA, d1, s);
      s = d2.lanewise(VectorOperators.FMA, d2, s);
      d3.lanewise(VectorOperators.FMA, d3, s).intoArray(squares, i);
    }
  }

  private static void addSquare(
      ByteBuffer x, int start, float[] means, float[] squares, int columns) {
    for (int i = 0; i < columns; i += WIDTH) {
      FloatVector d = Lanes.load(x, start + i).sub(load(means, i));
      d.lanewise(VectorOperators.FMA, d, load(squares, i)).intoArray(squares, i);
    }
  }
}
