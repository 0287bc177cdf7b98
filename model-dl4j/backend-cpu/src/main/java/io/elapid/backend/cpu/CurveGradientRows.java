package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ActivationKind;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code g = dy act'(scale x + shift)} of curves on rows behind one another, as {@link
 * ActivationRows#derive} writes it, and in the same pass the sums that a batch norm's gradient
 * needs of it: those of g and of {@code g (x - mean)}, {@link BatchNormRows#SUMS} registers for
 * each row.
 *
 * <p>One method for each curve, as there: a choice within the loop would keep registers on the
 * heap.
 *
 * @param length of a row, no shorter than a register
 */
record CurveGradientRows(int length, float[] scales, float[] shifts, float[] means) {
  /** Of all rows, of which the first lies at {@code start}; {@code g} may be {@code dy}. */
  void derive(
      ActivationKind kind, ByteBuffer dy, ByteBuffer x, int start, ByteBuffer g, float[] sums) {
    switch (kind) {
      case IDENTITY, RELU -> throw new IllegalArgumentException(kind + " is not a curve");
      case SIGMOID -> sigmoid(dy, x, start, g, sums);
      case SILU -> silu(dy, x, start, g, sums);
      case GELU -> gelu(dy, x, start, g, sums);
    }
  }

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  private void sigmoid(ByteBuffer dy, ByteBuffer x, int start, ByteBuffer g, float[] sums) {
    for (int r = 0, row = start; r < means.length; r++, row += length) {
      FloatVector scale = Lanes.all(scales[r]);
      FloatVector shift = Lanes.all(shifts[r]);
      FloatVector mean = Lanes.all(means[r]);
      int s = r * BatchNormRows.SUMS * WIDTH;
      FloatVector first = load(sums, s);
      FloatVector second = load(sums, s + WIDTH);
      int end = row + length;
      FloatVector before = Lanes.load(dy, row);
      int at = row;
      for (int k = row; k < end; k += WIDTH) {
        int i = Math.min(k, end - WIDTH);
        FloatVector v = Lanes.load(x, i);
        FloatVector a = Curves.sigmoid(v.lanewise(VectorOperators.FMA, scale, shift));
        FloatVector derived = Lanes.load(dy, i).mul(a.sub(a.mul(a)));
        Lanes.store(before, g, at);
        before = derived;
        at = i;
        FloatVector counted = derived.mul(BatchNormRows.fresh(Math.min(end - k, WIDTH)));
        first = first.add(counted);
        second = counted.lanewise(VectorOperators.FMA, v.sub(mean), second);
      }
      Lanes.store(before, g, at);
      first.intoArray(sums, s);
      second.intoArray(sums, s + WIDTH);
    }
  }

  private void silu(ByteBuffer dy, ByteBuffer x, int start, ByteBuffer g, float[] sums) {
    for (int r = 0, row = start; r < means.length; r++, row += length) {
      FloatVector scale = Lanes.all(scales[r]);
      FloatVector shift = Lanes.all(shifts[r]);
      FloatVector mean = Lanes.all(means[r]);
      int s = r * BatchNormRows.SUMS * WIDTH;
      FloatVector first = load(sums, s);
      FloatVector second = load(sums, s + WIDTH);
      int end = row + length;
      FloatVector before = Lanes.load(dy, row);
      int at = row;
      for (int k = row; k < end; k += WIDTH) {
        int i = Math.min(k, end - WIDTH);
        FloatVector v = Lanes.load(x, i);
        FloatVector slope = Curves.siluSlope(v.lanewise(VectorOperators.FMA, scale, shift));
        FloatVector derived = Lanes.load(dy, i).mul(slope);
        Lanes.store(before, g, at);
        before = derived;
        at = i;
        FloatVector counted = derived.mul(BatchNormRows.fresh(Math.min(end - k, WIDTH)));
        first = first.add(counted);
        second = counted.lanewise(VectorOperators.FMA, v.sub(mean), second);
      }
      Lanes.store(before, g, at);
      first.intoArray(sums, s);
      second.intoArray(sums, s + WIDTH);
    }
  }

  private void gelu(ByteBuffer dy, ByteBuffer x, int start, ByteBuffer g, float[] sums) {
    for (int r = 0, row = start; r < means.length; r++, row += length) {
      FloatVector scale = Lanes.all(scales[r]);
      FloatVector shift = Lanes.all(shifts[r]);
      FloatVector mean = Lanes.all(means[r]);
      int s = r * BatchNormRows.SUMS * WIDTH;
      FloatVector first = load(sums, s);
      FloatVector second = load(sums, s + WIDTH);
      int end = row + length;
      FloatVector before = Lanes.load(dy, row);
      int at = row;
      for (int k = row; k < end; k += WIDTH) {
        int i = Math.min(k, end - WIDTH);
        FloatVector v = Lanes.load(x, i);
        FloatVector slope = Curves.geluSlope(v.lanewise(VectorOperators.FMA, scale, shift));
        FloatVector derived = Lanes.load(dy, i).mul(slope);
        Lanes.store(before, g, at);
        before = derived;
        at = i;
        FloatVector counted = derived.mul(BatchNormRows.fresh(Math.min(end - k, WIDTH)));
        first = first.add(counted);
        second = counted.lanewise(VectorOperators.FMA, v.sub(mean), second);
      }
      Lanes.store(before, g, at);
      first.intoArray(sums, s);
      second.intoArray(sums, s + WIDTH);
    }
  }
}
