package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops of batch norms over a row: {@code length} values from {@code start} on, no fewer than a
 * register has. The rest of a row is the end of its last register, of which the values that were
 * met before are blotted out.
 */
final class BatchNormRows {
  /** Registers of sums kept for a row. */
  static final int SUMS = 2;

  /** A register of zeros, then one of ones. */
  private static final float[] NEW = new float[2 * WIDTH];

  static {
    Arrays.fill(NEW, WIDTH, 2 * WIDTH, 1f);
  }

  /** From this length on a row's sums are worth registers. */
  private static final int LONG = 8 * WIDTH;

  private BatchNormRows() {}

  /** Values of x count where {@code scale x + shift} is positive or NaN. */
  record Gates(float[] scales, float[] shifts) {}

  /** {@code dx = scale g + slope (x - mean) + offset}, by row. */
  record Slopes(float[] means, float[] scales, float[] slopes, float[] offsets) {}

  /**
   * Adds {@code x - pivot} and its square to two registers of {@code sums} for each row, of which
   * the first lies at {@code start}.
   */
  static void addMoments(ByteBuffer x, int start, int length, float[] pivots, float[] sums) {
    if (length < LONG) {
      addMomentsOfShort(x, start, length, pivots, sums);
      return;
    }
    for (int r = 0; r < pivots.length; r++) {
      addMoments(x, start + r * length, length, pivots[r], sums, r * SUMS * WIDTH);
    }
  }

  /** Sums stay in memory: in registers they would not live through two loops. */
  private static void addMomentsOfShort(
      ByteBuffer x, int start, int length, float[] pivots, float[] sums) {
    for (int r = 0, row = start; r < pivots.length; r++, row += length) {
      FloatVector pivot = Lanes.all(pivots[r]);
      int s = r * SUMS * WIDTH;
      int q = s + WIDTH;
      int end = row + length;
      for (int k = row; k < end; k += WIDTH) {
        FloatVector d =
            Lanes.load(x, Math.min(k, end - WIDTH)).sub(pivot).mul(fresh(Math.min(end - k, WIDTH)));
        load(sums, s).add(d).intoArray(sums, s);
        d.lanewise(VectorOperators.FMA, d, load(sums, q)).intoArray(sums, q);
      }
    }
  }

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  private static void addMoments(
      ByteBuffer x, int start, int length, float pivot, float[] sums, int at) {
    FloatVector pivots = Lanes.all(pivot);
    FloatVector s0 = FloatVector.fromArray(SPECIES, sums, at);
    FloatVector q0 = FloatVector.fromArray(SPECIES, sums, at + WIDTH);
    FloatVector s1 = Lanes.zero();
    FloatVector q1 = Lanes.zero();
    int end = start + length;
    int i = start;
    for (; i <= end - 4 * WIDTH; i += 4 * WIDTH) {
      FloatVector d0 = Lanes.load(x, i).sub(pivots);
      FloatVector d1 = Lanes.load(x, i + WIDTH).sub(pivots);
      FloatVector d2 = Lanes.load(x, i + 2 * WIDTH).sub(pivots);
      FloatVector d3 = Lanes.load(x, i + 3 * WIDTH).sub(pivots);
      s0 = s0.add(d0.add(d2));
      s1 = s1.add(d1.add(d3));
      q0 = d2.lanewise(VectorOperators.FMA, d2, d0.lanewise(VectorOperators.FMA, d0, q0));
      q1 = d3.lanewise(VectorOperators.FMA, d3, d1.lanewise(VectorOperators.FMA, d1, q1));
    }
    for (; i <= end - WIDTH; i += WIDTH) {
      FloatVector d = Lanes.load(x, i).sub(pivots);
      s0 = s0.add(d);
      q0 = d.lanewise(VectorOperators.FMA, d, q0);
    }
    FloatVector rest = Lanes.load(x, end - WIDTH).sub(pivots).mul(fresh(end - i));
    s0.add(s1).add(rest).intoArray(sums, at);
    rest.lanewise(VectorOperators.FMA, rest, q0.add(q1)).intoArray(sums, at + WIDTH);
  }

  /** 1 in the last {@code count} lanes. */
  static FloatVector fresh(int count) {
    return FloatVector.fromArray(SPECIES, NEW, count);
  }

  /**
   * Adds g and {@code g (x - mean)}, where the gate is open, to two registers of {@code sums} for
   * each row.
   */
  static void addGradientSums(
      ByteBuffer g, ByteBuffer x, int start, int length, float[] means, Gates gates, float[] sums) {
    if (length < LONG) {
      addGradientSumsOfShort(g, x, start, length, means, gates.scales, gates.shifts, sums);
      return;
    }
    for (int r = 0; r < means.length; r++) {
      addGradientSums(
          g,
          x,
          start + r * length,
          length,
          means[r],
          gates.scales[r],
          gates.shifts[r],
          sums,
          r * SUMS * WIDTH);
    }
  }

  private static void addGradientSumsOfShort(
      ByteBuffer g,
      ByteBuffer x,
      int start,
      int length,
      float[] means,
      float[] gateScales,
      float[] gateShifts,
      float[] sums) {
    for (int r = 0, row = start; r < means.length; r++, row += length) {
      FloatVector mean = Lanes.all(means[r]);
      FloatVector gateScale = Lanes.all(gateScales[r]);
      FloatVector gateShift = Lanes.all(gateShifts[r]);
      int s = r * SUMS * WIDTH;
      int q = s + WIDTH;
      int end = row + length;
      for (int k = row; k < end; k += WIDTH) {
        int i = Math.min(k, end - WIDTH);
        FloatVector v = Lanes.load(x, i);
        FloatVector gi =
            Lanes.open(v.lanewise(VectorOperators.FMA, gateScale, gateShift), Lanes.load(g, i))
                .mul(fresh(Math.min(end - k, WIDTH)));
        load(sums, s).add(gi).intoArray(sums, s);
        gi.lanewise(VectorOperators.FMA, v.sub(mean), load(sums, q)).intoArray(sums, q);
      }
    }
  }

  private static void addGradientSums(
      ByteBuffer g,
      ByteBuffer x,
      int start,
      int length,
      float mean,
      float gateScale,
      float gateShift,
      float[] sums,
      int at) {
    FloatVector means = Lanes.all(mean);
    FloatVector scales = Lanes.all(gateScale);
    FloatVector shifts = Lanes.all(gateShift);
    FloatVector s0 = FloatVector.fromArray(SPECIES, sums, at);
    FloatVector d0 = FloatVector.fromArray(SPECIES, sums, at + WIDTH);
    FloatVector s1 = Lanes.zero();
    FloatVector d1 = Lanes.zero();
    int end = start + length;
    int i = start;
    for (; i <= end - 2 * WIDTH; i += 2 * WIDTH) {
      FloatVector v0 = Lanes.load(x, i);
      FloatVector v1 = Lanes.load(x, i + WIDTH);
      FloatVector g0 =
          Lanes.open(v0.lanewise(VectorOperators.FMA, scales, shifts), Lanes.load(g, i));
      FloatVector g1 =
          Lanes.open(v1.lanewise(VectorOperators.FMA, scales, shifts), Lanes.load(g, i + WIDTH));
      s0 = s0.add(g0);
      s1 = s1.add(g1);
      d0 = g0.lanewise(VectorOperators.FMA, v0.sub(means), d0);
      d1 = g1.lanewise(VectorOperators.FMA, v1.sub(means), d1);
    }
    for (; i <= end - WIDTH; i += WIDTH) {
      FloatVector v = Lanes.load(x, i);
      FloatVector gi =
          Lanes.open(v.lanewise(VectorOperators.FMA, scales, shifts), Lanes.load(g, i));
      s0 = s0.add(gi);
      d0 = gi.lanewise(VectorOperators.FMA, v.sub(means), d0);
    }
    FloatVector v = Lanes.load(x, end - WIDTH);
    FloatVector rest =
        Lanes.open(v.lanewise(VectorOperators.FMA, scales, shifts), Lanes.load(g, end - WIDTH))
            .mul(fresh(end - i));
    s0.add(s1).add(rest).intoArray(sums, at);
    rest.lanewise(VectorOperators.FMA, v.sub(means), d0.add(d1)).intoArray(sums, at + WIDTH);
  }

  /** Writes {@code dx}, with g as in {@link #addGradientSums}; {@code dx} may be {@code g}. */
  static void inputGradient(
      ByteBuffer g, ByteBuffer x, int start, int length, Slopes by, Gates gates, ByteBuffer dx) {
    for (int r = 0, row = start; r < by.means.length; r++, row += length) {
      FloatVector mean = Lanes.all(by.means[r]);
      FloatVector scale = Lanes.all(by.scales[r]);
      FloatVector slope = Lanes.all(by.slopes[r]);
      FloatVector offset = Lanes.all(by.offsets[r]);
      FloatVector gateScale = Lanes.all(gates.scales[r]);
      FloatVector gateShift = Lanes.all(gates.shifts[r]);
      int end = row + length;
      int k = row;
      for (; k <= end - WIDTH; k += WIDTH) {
        FloatVector v = Lanes.load(x, k);
        FloatVector gk =
            Lanes.open(v.lanewise(VectorOperators.FMA, gateScale, gateShift), Lanes.load(g, k));
        FloatVector rest = v.sub(mean).lanewise(VectorOperators.FMA, slope, offset);
        Lanes.store(gk.lanewise(VectorOperators.FMA, scale, rest), dx, k);
      }
      if (k < end) {
        int i = end - WIDTH;
        FloatVector v = Lanes.load(x, i);
        FloatVector gi =
            Lanes.open(v.lanewise(VectorOperators.FMA, gateScale, gateShift), Lanes.load(g, i));
        FloatVector rest = v.sub(mean).lanewise(VectorOperators.FMA, slope, offset);
        VectorMask<Float> done = fresh(end - k).compare(VectorOperators.EQ, 0f);
        Lanes.store(
            gi.lanewise(VectorOperators.FMA, scale, rest).blend(Lanes.load(dx, i), done), dx, i);
      }
    }
  }
}
