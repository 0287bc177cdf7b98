package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes squares of as many rows as a register has lanes: the off-diagonal halves of the square
 * change places, then those of its quarters, and so on.
 */
final class Transpose {
  /** Numbers in a square. */
  static final int SQUARE = WIDTH * WIDTH;

  private static final int STAGES = Integer.numberOfTrailingZeros(WIDTH);
  private static final Stage[] ALL = stages();

  private Transpose() {}

  /** Exchange at a distance: from lanes above, from lanes below, and which take those. */
  private record Stage(
      int distance,
      VectorShuffle<Float> above,
      VectorShuffle<Float> below,
      VectorMask<Float> upper) {}

  private static Stage[] stages() {
    Stage[] stages = new Stage[STAGES];
    for (int s = 0; s < STAGES; s++) {
      int distance = WIDTH >> (s + 1);
      long upper = 0;
      for (int lane = 0; lane < WIDTH; lane++) {
        upper |= (lane & distance) == 0 ? 0 : 1L << lane;
      }
      stages[s] =
          new Stage(
              distance,
              VectorShuffle.iota(SPECIES, distance, 1, true),
              VectorShuffle.iota(SPECIES, WIDTH - distance, 1, true),
              VectorMask.fromLong(SPECIES, upper));
    }
    return stages;
  }

  /**
   * Transposes the square at {@code from[start]} to {@code to[end]}; {@code between} is a square of
   * scratch and may hold the source, but nothing else may overlap. Two stages at a time, since
   * memory takes longer than exchanging.
   */
  static void apply(float[] from, int start, float[] between, float[] to, int end) {
    float[] source = from;
    int at = start;
    int s = 0;
    for (; s < STAGES - 2; s += 2) {
      exchange(ALL[s], ALL[s + 1], source, at, between, 0, 1);
      source = between;
      at = 0;
    }
    if (s == STAGES - 2) {
      exchange(ALL[s], ALL[s + 1], source, at, to, end, 1);
    } else {
      exchange(ALL[s], source, at, to, end, 1);
    }
  }

  /**
   * Transposes squares that lie side by side in rows {@code stride} apart to one after the other.
   */
  static void fromRows(ByteBuffer from, int start, int stride, float[] to, int end, int squares) {
    exchange(ALL[0], ALL[1], from, start, stride, to, end, squares);
    if (STAGES == 3) {
      exchange(ALL[2], to, end, to, end, squares);
    } else if (STAGES == 4) {
      exchange(ALL[2], ALL[3], to, end, to, end, squares);
    }
  }

  /** The reverse of {@link #fromRows}; overwrites the source. */
  static void toRows(float[] from, int start, ByteBuffer to, int end, int stride, int squares) {
    if (STAGES == 3) {
      exchange(ALL[0], from, start, from, start, squares);
    } else if (STAGES == 4) {
      exchange(ALL[0], ALL[1], from, start, from, start, squares);
    }
    exchange(ALL[STAGES - 2], ALL[STAGES - 1], from, start, to, end, stride, squares);
  }

  private static void exchange(
      Stage stage, float[] from, int start, float[] to, int end, int squares) {
    int d = stage.distance();
    VectorShuffle<Float> above = stage.above();
    VectorShuffle<Float> below = stage.below();
    VectorMask<Float> upper = stage.upper();
    for (int half = 0; half < squares * (WIDTH / 2); half++) {
      int row = (half + (half & -d)) * WIDTH;
      FloatVector x = FloatVector.fromArray(SPECIES, from, start + row);
      FloatVector y = FloatVector.fromArray(SPECIES, from, start + row + d * WIDTH);
      x.blend(y.rearrange(below), upper).intoArray(to, end + row);
      x.rearrange(above).blend(y, upper).intoArray(to, end + row + d * WIDTH);
    }
  }

  /** Two stages of several squares, the second of half the distance. */
  private static void exchange(
      Stage far, Stage near, float[] from, int start, float[] to, int end, int squares) {
    int d = near.distance() * WIDTH;
    VectorShuffle<Float> farAbove = far.above();
    VectorShuffle<Float> farBelow = far.below();
    VectorMask<Float> farUpper = far.upper();
    VectorShuffle<Float> above = near.above();
    VectorShuffle<Float> below = near.below();
    VectorMask<Float> upper = near.upper();
    int mask = -near.distance();
    for (int i = 0; i < squares * (WIDTH / 4); i++) {
      int quarter = i % (WIDTH / 4);
      int square = i / (WIDTH / 4) * WIDTH;
      int row = quarter + 3 * (quarter & mask);
      int at = (square + row) * WIDTH;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, start + at);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, start + at + d);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, start + at + 2 * d);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, start + at + 3 * d);
      FloatVector y0 = x0.blend(x2.rearrange(farBelow), farUpper);
      FloatVector y1 = x1.blend(x3.rearrange(farBelow), farUpper);
      FloatVector y2 = x0.rearrange(farAbove).blend(x2, farUpper);
      FloatVector y3 = x1.rearrange(farAbove).blend(x3, farUpper);
      y0.blend(y1.rearrange(below), upper).intoArray(to, end + at);
      y0.rearrange(above).blend(y1, upper).intoArray(to, end + at + d);
      y2.blend(y3.rearrange(below), upper).intoArray(to, end + at + 2 * d);
      y2.rearrange(above).blend(y3, upper).intoArray(to, end + at + 3 * d);
    }
  }

  /** Two stages of several squares, the second of half the distance, from rows. */
  private static void exchange(
      Stage far,
      Stage near,
      ByteBuffer from,
      int start,
      int stride,
      float[] to,
      int end,
      int squares) {
    int d = near.distance() * stride;
    VectorShuffle<Float> farAbove = far.above();
    VectorShuffle<Float> farBelow = far.below();
    VectorMask<Float> farUpper = far.upper();
    VectorShuffle<Float> above = near.above();
    VectorShuffle<Float> below = near.below();
    VectorMask<Float> upper = near.upper();
    int e = near.distance() * WIDTH;
    int mask = -near.distance();
    for (int i = 0; i < squares * (WIDTH / 4); i++) {
      int quarter = i % (WIDTH / 4);
      int square = i / (WIDTH / 4) * WIDTH;
      int row = quarter + 3 * (quarter & mask);
      int at = start + square + row * stride;
      int put = end + (square + row) * WIDTH;
      FloatVector x0 = Lanes.load(from, at);
      FloatVector x1 = Lanes.load(from, at + d);
      FloatVector x2 = Lanes.load(from, at + 2 * d);
      FloatVector x3 = Lanes.load(from, at + 3 * d);
      FloatVector y0 = x0.blend(x2.rearrange(farBelow), farUpper);
      FloatVector y1 = x1.blend(x3.rearrange(farBelow), farUpper);
      FloatVector y2 = x0.rearrange(farAbove).blend(x2, farUpper);
      FloatVector y3 = x1.rearrange(farAbove).blend(x3, farUpper);
      y0.blend(y1.rearrange(below), upper).intoArray(to, put);
      y0.rearrange(above).blend(y1, upper).intoArray(to, put + e);
      y2.blend(y3.rearrange(below), upper).intoArray(to, put + 2 * e);
      y2.rearrange(above).blend(y3, upper).intoArray(to, put + 3 * e);
    }
  }

  /** Two stages of several squares, the second of half the distance, to rows. */
  private static void exchange(
      Stage far,
      Stage near,
      float[] from,
      int start,
      ByteBuffer to,
      int end,
      int stride,
      int squares) {
    int d = near.distance() * WIDTH;
    VectorShuffle<Float> farAbove = far.above();
    VectorShuffle<Float> farBelow = far.below();
    VectorMask<Float> farUpper = far.upper();
    VectorShuffle<Float> above = near.above();
    VectorShuffle<Float> below = near.below();
    VectorMask<Float> upper = near.upper();
    int e = near.distance() * stride;
    int mask = -near.distance();
    for (int i = 0; i < squares * (WIDTH / 4); i++) {
      int quarter = i % (WIDTH / 4);
      int square = i / (WIDTH / 4) * WIDTH;
      int row = quarter + 3 * (quarter & mask);
      int at = start + (square + row) * WIDTH;
      int put = end + square + row * stride;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, at);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, at + d);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, at + 2 * d);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, at + 3 * d);
      FloatVector y0 = x0.blend(x2.rearrange(farBelow), farUpper);
      FloatVector y1 = x1.blend(x3.rearrange(farBelow), farUpper);
      FloatVector y2 = x0.rearrange(farAbove).blend(x2, farUpper);
      FloatVector y3 = x1.rearrange(farAbove).blend(x3, farUpper);
      Lanes.store(y0.blend(y1.rearrange(below), upper), to, put);
      Lanes.store(y0.rearrange(above).blend(y1, upper), to, put + e);
      Lanes.store(y2.blend(y3.rearrange(below), upper), to, put + 2 * e);
      Lanes.store(y2.rearrange(above).blend(y3, upper), to, put + 3 * e);
    }
  }
}
