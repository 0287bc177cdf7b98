package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.backend.cpu.BatchNormRows.Slopes;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops of {@link ShortcutNormGroup} over a group's rows of one sample, which lie behind one
 * another from {@code start} on and are no shorter than a register each. As in {@link
 * BatchNormRows} the rest of a row is the end of its last register.
 */
final class ShortcutNormRows {
  /** Registers of sums kept for a row by {@link #addInnerSums}. */
  static final int INNER_SUMS = 3;

  private static final int SUMS = BatchNormRows.SUMS;

  private ShortcutNormRows() {}

  /** {@code s = scale u + factor x + shift}, by row. */
  record Inner(float[] scales, float[] factors, float[] shifts) {}

  private static FloatVector sum(
      ByteBuffer u,
      ByteBuffer x,
      int at,
      FloatVector scale,
      FloatVector factor,
      FloatVector shift) {
    return Lanes.load(u, at)
        .lanewise(
            VectorOperators.FMA,
            scale,
            Lanes.load(x, at).lanewise(VectorOperators.FMA, factor, shift));
  }

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  /** Adds {@code s - pivot} and its square to two registers of {@code sums} for each row. */
  static void addMoments(
      ByteBuffer u,
      ByteBuffer x,
      int start,
      int length,
      Inner inner,
      float[] pivots,
      float[] sums) {
    for (int r = 0, row = start; r < pivots.length; r++, row += length) {
      addMoments(
          u,
          x,
          row,
          row + length,
          Lanes.all(inner.scales[r]),
          Lanes.all(inner.factors[r]),
          Lanes.all(inner.shifts[r] - pivots[r]),
          sums,
          r * SUMS * WIDTH);
    }
  }

  private static void addMoments(
      ByteBuffer u,
      ByteBuffer x,
      int from,
      int to,
      FloatVector scale,
      FloatVector factor,
      FloatVector shift,
      float[] sums,
      int at) {
    FloatVector first = load(sums, at);
    FloatVector second = load(sums, at + WIDTH);
    int i = from;
    for (; i <= to - WIDTH; i += WIDTH) {
      FloatVector d = sum(u, x, i, scale, factor, shift);
      first = first.add(d);
      second = d.lanewise(VectorOperators.FMA, d, second);
    }
    FloatVector rest = sum(u, x, to - WIDTH, scale, factor, shift).mul(BatchNormRows.fresh(to - i));
    first.add(rest).intoArray(sums, at);
    rest.lanewise(VectorOperators.FMA, rest, second).intoArray(sums, at + WIDTH);
  }

  /** Writes {@code y}, the outer norm of s. */
  static void normalise(
      ByteBuffer u,
      ByteBuffer x,
      int start,
      int length,
      Inner inner,
      BatchNormAffines outer,
      ByteBuffer y) {
    for (int r = 0, row = start; r < outer.channels(); r++, row += length) {
      FloatVector scale = Lanes.all(inner.scales[r]);
      FloatVector factor = Lanes.all(inner.factors[r]);
      FloatVector shift = Lanes.all(inner.shifts[r]);
      FloatVector outerScale = Lanes.all(outer.scales()[r]);
      FloatVector outerShift = Lanes.all(outer.shifts()[r]);
      int last = row + length - WIDTH;
      for (int k = row; k < row + length; k += WIDTH) {
        int i = Math.min(k, last);
        FloatVector s = sum(u, x, i, scale, factor, shift);
        Lanes.store(s.lanewise(VectorOperators.FMA, outerScale, outerShift), y, i);
      }
    }
  }

  /** Adds dy and {@code dy (s - mean)} to two registers of {@code sums} for each row. */
  static void addOuterSums(
      ByteBuffer dy,
      ByteBuffer u,
      ByteBuffer x,
      int start,
      int length,
      Inner inner,
      float[] means,
      float[] sums) {
    for (int r = 0, row = start; r < means.length; r++, row += length) {
      FloatVector scale = Lanes.all(inner.scales[r]);
      FloatVector factor = Lanes.all(inner.factors[r]);
      FloatVector shift = Lanes.all(inner.shifts[r] - means[r]);
      int at = r * SUMS * WIDTH;
      FloatVector first = load(sums, at);
      FloatVector second = load(sums, at + WIDTH);
      int end = row + length;
      int i = row;
      for (; i <= end - WIDTH; i += WIDTH) {
        FloatVector g = Lanes.load(dy, i);
        first = first.add(g);
        second = g.lanewise(VectorOperators.FMA, sum(u, x, i, scale, factor, shift), second);
      }
      FloatVector g = Lanes.load(dy, end - WIDTH).mul(BatchNormRows.fresh(end - i));
      FloatVector s = sum(u, x, end - WIDTH, scale, factor, shift);
      first.add(g).intoArray(sums, at);
      g.lanewise(VectorOperators.FMA, s, second).intoArray(sums, at + WIDTH);
    }
  }

  /**
   * Adds ds, {@code ds (u - mean)} and {@code ds x} to three registers of {@code sums} for each
   * row.
   *
   * @param means of u
   */
  static void addInnerSums(
      ByteBuffer dy,
      ByteBuffer u,
      ByteBuffer x,
      int start,
      int length,
      Inner inner,
      Slopes outer,
      float[] means,
      float[] sums) {
    for (int r = 0, row = start; r < means.length; r++, row += length) {
      FloatVector scale = Lanes.all(inner.scales[r]);
      FloatVector factor = Lanes.all(inner.factors[r]);
      FloatVector shift = Lanes.all(inner.shifts[r] - outer.means()[r]);
      FloatVector outerScale = Lanes.all(outer.scales()[r]);
      FloatVector slope = Lanes.all(outer.slopes()[r]);
      FloatVector offset = Lanes.all(outer.offsets()[r]);
      FloatVector mean = Lanes.all(means[r]);
      int at = r * INNER_SUMS * WIDTH;
      FloatVector first = load(sums, at);
      FloatVector second = load(sums, at + WIDTH);
      FloatVector third = load(sums, at + 2 * WIDTH);
      int end = row + length;
      int i = row;
      for (; i <= end - WIDTH; i += WIDTH) {
        FloatVector s = sum(u, x, i, scale, factor, shift);
        FloatVector ds =
            Lanes.load(dy, i)
                .lanewise(
                    VectorOperators.FMA,
                    outerScale,
                    s.lanewise(VectorOperators.FMA, slope, offset));
        first = first.add(ds);
        second = ds.lanewise(VectorOperators.FMA, Lanes.load(u, i).sub(mean), second);
        third = ds.lanewise(VectorOperators.FMA, Lanes.load(x, i), third);
      }
      FloatVector s = sum(u, x, end - WIDTH, scale, factor, shift);
      FloatVector ds =
          Lanes.load(dy, end - WIDTH)
              .lanewise(
                  VectorOperators.FMA, outerScale, s.lanewise(VectorOperators.FMA, slope, offset))
              .mul(BatchNormRows.fresh(end - i));
      first.add(ds).intoArray(sums, at);
      ds.lanewise(VectorOperators.FMA, Lanes.load(u, end - WIDTH).sub(mean), second)
          .intoArray(sums, at + WIDTH);
      ds.lanewise(VectorOperators.FMA, Lanes.load(x, end - WIDTH), third)
          .intoArray(sums, at + 2 * WIDTH);
    }
  }

  /**
   * Writes {@code du} and {@code dx}, which may lie where {@code dy} and {@code u} do: a register
   * is written when the next one, which may overlap it, has been read. Until then the first has its
   * old numbers written to it.
   */
  static void inputGradients(
      ByteBuffer dy,
      ByteBuffer u,
      ByteBuffer x,
      int start,
      int length,
      Inner inner,
      Slopes outer,
      Slopes norm,
      ByteBuffer du,
      ByteBuffer dx) {
    for (int r = 0, row = start; r < norm.means().length; r++, row += length) {
      FloatVector scale = Lanes.all(inner.scales[r]);
      FloatVector factor = Lanes.all(inner.factors[r]);
      FloatVector shift = Lanes.all(inner.shifts[r] - outer.means()[r]);
      FloatVector outerScale = Lanes.all(outer.scales()[r]);
      FloatVector slope = Lanes.all(outer.slopes()[r]);
      FloatVector offset = Lanes.all(outer.offsets()[r]);
      FloatVector innerScale = Lanes.all(norm.scales()[r]);
      FloatVector innerSlope = Lanes.all(norm.slopes()[r]);
      FloatVector innerOffset = Lanes.all(norm.offsets()[r]);
      FloatVector mean = Lanes.all(norm.means()[r]);
      int last = row + length - WIDTH;
      FloatVector duBefore = Lanes.load(du, row);
      FloatVector dxBefore = Lanes.load(dx, row);
      int at = row;
      for (int k = row; k < row + length; k += WIDTH) {
        int i = Math.min(k, last);
        FloatVector v = Lanes.load(u, i);
        FloatVector s =
            v.lanewise(
                VectorOperators.FMA,
                scale,
                Lanes.load(x, i).lanewise(VectorOperators.FMA, factor, shift));
        FloatVector ds =
            Lanes.load(dy, i)
                .lanewise(
                    VectorOperators.FMA,
                    outerScale,
                    s.lanewise(VectorOperators.FMA, slope, offset));
        Lanes.store(duBefore, du, at);
        Lanes.store(dxBefore, dx, at);
        duBefore =
            ds.lanewise(
                VectorOperators.FMA,
                innerScale,
                v.sub(mean).lanewise(VectorOperators.FMA, innerSlope, innerOffset));
        dxBefore = ds.mul(factor);
        at = i;
      }
      Lanes.store(duBefore, du, at);
      Lanes.store(dxBefore, dx, at);
    }
  }
}
