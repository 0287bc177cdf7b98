package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

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
      exchange(ALL[s], ALL[s + 1], source, at, between, 0);
      source = between;
      at = 0;
    }
    if (s == STAGES - 2) {
      exchange(ALL[s], ALL[s + 1], source, at, to, end);
    } else {
      exchange(ALL[s], source, at, to, end);
    }
  }

  private static void exchange(Stage stage, float[] from, int start, float[] to, int end) {
    int d = stage.distance();
    VectorShuffle<Float> above = stage.above();
    VectorShuffle<Float> below = stage.below();
    VectorMask<Float> upper = stage.upper();
    for (int half = 0; half < WIDTH / 2; half++) {
      int row = (half + (half & -d)) * WIDTH;
      FloatVector x = FloatVector.fromArray(SPECIES, from, start + row);
      FloatVector y = FloatVector.fromArray(SPECIES, from, start + row + d * WIDTH);
      x.blend(y.rearrange(below), upper).intoArray(to, end + row);
      x.rearrange(above).blend(y, upper).intoArray(to, end + row + d * WIDTH);
    }
  }

  /** Two stages, the second of half the distance. */
  private static void exchange(
      Stage far, Stage near, float[] from, int start, float[] to, int end) {
    int d = near.distance() * WIDTH;
    VectorShuffle<Float> farAbove = far.above();
    VectorShuffle<Float> farBelow = far.below();
    VectorMask<Float> farUpper = far.upper();
    VectorShuffle<Float> above = near.above();
    VectorShuffle<Float> below = near.below();
    VectorMask<Float> upper = near.upper();
    for (int quarter = 0; quarter < WIDTH / 4; quarter++) {
      int row = (quarter + 3 * (quarter & -near.distance())) * WIDTH;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, start + row);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, start + row + d);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, start + row + 2 * d);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, start + row + 3 * d);
      FloatVector y0 = x0.blend(x2.rearrange(farBelow), farUpper);
      FloatVector y1 = x1.blend(x3.rearrange(farBelow), farUpper);
      FloatVector y2 = x0.rearrange(farAbove).blend(x2, farUpper);
      FloatVector y3 = x1.rearrange(farAbove).blend(x3, farUpper);
      y0.blend(y1.rearrange(below), upper).intoArray(to, end + row);
      y0.rearrange(above).blend(y1, upper).intoArray(to, end + row + d);
      y2.blend(y3.rearrange(below), upper).intoArray(to, end + row + 2 * d);
      y2.rearrange(above).blend(y3, upper).intoArray(to, end + row + 3 * d);
    }
  }
}
