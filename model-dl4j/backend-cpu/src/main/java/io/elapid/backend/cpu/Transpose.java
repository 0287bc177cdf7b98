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

  /** Transposes {@code square} in place, the last stage to {@code to} from {@code start} on. */
  static void apply(float[] square, float[] to, int start) {
    for (int s = 0; s < STAGES - 1; s++) {
      exchange(ALL[s], square, square, 0);
    }
    exchange(ALL[STAGES - 1], square, to, start);
  }

  private static void exchange(Stage stage, float[] from, float[] to, int start) {
    int d = stage.distance();
    VectorShuffle<Float> above = stage.above();
    VectorShuffle<Float> below = stage.below();
    VectorMask<Float> upper = stage.upper();
    for (int half = 0; half < WIDTH / 2; half++) {
      int row = half + (half & -d);
      FloatVector x = FloatVector.fromArray(SPECIES, from, row * WIDTH);
      FloatVector y = FloatVector.fromArray(SPECIES, from, (row + d) * WIDTH);
      x.blend(y.rearrange(below), upper).intoArray(to, start + row * WIDTH);
      x.rearrange(above).blend(y, upper).intoArray(to, start + (row + d) * WIDTH);
    }
  }
}
