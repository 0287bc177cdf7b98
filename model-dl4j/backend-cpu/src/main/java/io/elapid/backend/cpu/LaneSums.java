package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums across lanes of many registers, as many at a time as a register has lanes: two registers
 * become one by exchanging halves and adding, two of those one by quarters, and so on. The order of
 * each sum is fixed.
 */
final class LaneSums {
  private static final int HALF = WIDTH / 2;
  private static final int QUARTER = WIDTH / 4;
  private static final VectorMask<Float> UPPER_HALVES = upper(HALF);
  private static final VectorMask<Float> UPPER_QUARTERS = upper(QUARTER);
  private static final VectorShuffle<Float> HALVES = exchange(HALF);
  private static final VectorShuffle<Float> QUARTERS = exchange(QUARTER);

  /** By the logarithm of the distance. */
  private static final List<VectorMask<Float>> UPPER = List.of(upper(1), upper(2), upper(4));

  private static final List<VectorShuffle<Float>> EXCHANGES =
      List.of(exchange(1), exchange(2), exchange(4));

  private LaneSums() {}

  private static VectorMask<Float> upper(int distance) {
    long upper = 0;
    for (int lane = 0; lane < WIDTH; lane++) {
      upper |= (lane & distance) == 0 ? 0 : 1L << lane;
    }
    return VectorMask.fromLong(SPECIES, upper);
  }

  private static VectorShuffle<Float> exchange(int distance) {
    return VectorShuffle.fromOp(SPECIES, lane -> lane ^ distance);
  }

  /**
   * Sums {@code count} registers, a multiple of the width: that at {@code from[first + rows[i]]} to
   * {@code to[i]}.
   *
   * @param to overwritten to its end; room for {@code count * WIDTH / 4} numbers
   */
  static void of(float[] from, int first, int[] rows, int count, float[] to) {
    quarter(from, first, rows, count, to);
    for (int distance = QUARTER / 2; distance > 0; distance /= 2) {
      halve(to, count / WIDTH * distance, distance, distance);
    }
  }

  /**
   * Sums the even lanes and the odd ones of {@code count} registers, a multiple of the width: those
   * of that at {@code from[first + rows[i]]}, which becomes zero, to {@code to[2 i]} and {@code
   * to[2 i + 1]}.
   *
   * @param to overwritten to its end; room for {@code count * WIDTH / 2} numbers
   */
  static void takePairs(float[] from, int first, int[] rows, int count, float[] to) {
    takeHalves(from, first, rows, count, to);
    for (int distance = QUARTER; distance > 1; distance /= 2) {
      halve(to, count / WIDTH * distance, distance, distance / 2);
    }
  }

  /** Two registers to one, which become zero. */
  private static void takeHalves(float[] from, int first, int[] rows, int count, float[] to) {
    FloatVector zero = Lanes.zero();
    for (int i = 0; i < count / 2; i++) {
      int row = i / QUARTER * HALF + i % QUARTER;
      int lower = first + rows[row];
      int upper = first + rows[row + QUARTER];
      FloatVector x = FloatVector.fromArray(SPECIES, from, lower);
      FloatVector y = FloatVector.fromArray(SPECIES, from, upper);
      zero.intoArray(from, lower);
      zero.intoArray(from, upper);
      x.blend(y, UPPER_HALVES)
          .add(y.blend(x, UPPER_HALVES).rearrange(HALVES))
          .intoArray(to, i * WIDTH);
    }
  }

  /** Four registers to one; those that go together next, or the sums, lie side by side. */
  private static void quarter(float[] from, int first, int[] rows, int count, float[] to) {
    for (int i = 0; i < count / 4; i++) {
      int row = i / QUARTER * WIDTH + i % QUARTER;
      FloatVector x0 = FloatVector.fromArray(SPECIES, from, first + rows[row]);
      FloatVector x1 = FloatVector.fromArray(SPECIES, from, first + rows[row + QUARTER]);
      FloatVector x2 = FloatVector.fromArray(SPECIES, from, first + rows[row + HALF]);
      FloatVector x3 = FloatVector.fromArray(SPECIES, from, first + rows[row + HALF + QUARTER]);
      FloatVector even =
          x0.blend(x2, UPPER_HALVES).add(x2.blend(x0, UPPER_HALVES).rearrange(HALVES));
      FloatVector odd =
          x1.blend(x3, UPPER_HALVES).add(x3.blend(x1, UPPER_HALVES).rearrange(HALVES));
      even.blend(odd, UPPER_QUARTERS)
          .add(odd.blend(even, UPPER_QUARTERS).rearrange(QUARTERS))
          .intoArray(to, i * WIDTH);
    }
  }

  /**
   * Two registers, {@code apart} from each other, to one by lanes {@code distance} apart; from
   * {@code 2 pairs} registers to half.
   */
  private static void halve(float[] sums, int pairs, int distance, int apart) {
    int stage = Integer.numberOfTrailingZeros(distance);
    VectorMask<Float> upper = UPPER.get(stage);
    VectorShuffle<Float> exchange = EXCHANGES.get(stage);
    for (int i = 0; i < pairs; i++) {
      int at = (i / apart * 2 * apart + i % apart) * WIDTH;
      FloatVector x = FloatVector.fromArray(SPECIES, sums, at);
      FloatVector y = FloatVector.fromArray(SPECIES, sums, at + apart * WIDTH);
      x.blend(y, upper).add(y.blend(x, upper).rearrange(exchange)).intoArray(sums, i * WIDTH);
    }
  }
}
