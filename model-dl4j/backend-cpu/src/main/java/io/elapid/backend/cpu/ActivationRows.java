package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.ActivationKind;
import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code y = act(scale x + shift)} and its derivative on rows behind one another, each with a scale
 * and a shift of its own.
 *
 * <p>A row is no shorter than a register; its last register overlaps the one before, and what is
 * written twice is the same. So the output of {@link #map} lies apart from its input. That of
 * {@link #derive} may take the place of {@code dy}: each register is written when the next one has
 * been read. Until then the first has its old numbers written to it, which changes nothing.
 *
 * @param length of a row
 */
record ActivationRows(int length, float[] scales, float[] shifts) {
  /** One row without scale or shift. */
  static ActivationRows plain(int length) {
    return new ActivationRows(length, new float[] {1}, new float[] {0});
  }

  // One small method for each loop: the compiler gives up on inlining vector operations in large
  // ones.

  /** Maps the rows {@code [from, to)}, of which the first lies at {@code start}. */
  void map(ActivationKind kind, ByteBuffer x, int start, int from, int to, ByteBuffer y) {
    switch (kind) {
      case IDENTITY -> clip(x, start, from, to, Float.NEGATIVE_INFINITY, y);
      case RELU -> clip(x, start, from, to, 0, y);
      case SIGMOID -> sigmoid(x, start, from, to, y);
      case SILU -> silu(x, start, from, to, y);
      case GELU -> gelu(x, start, from, to, y);
    }
  }

  /** {@code dx = dy act'(scale x + shift)} of all rows; of SiLU and GELU only. */
  void derive(ActivationKind kind, ByteBuffer dy, ByteBuffer x, int start, ByteBuffer dx) {
    switch (kind) {
      case IDENTITY, RELU, SIGMOID ->
          throw new IllegalArgumentException(kind + " is derived from its output");
      case SILU -> siluGradient(dy, x, start, dx);
      case GELU -> geluGradient(dy, x, start, dx);
    }
  }

  private void clip(ByteBuffer x, int start, int from, int to, float least, ByteBuffer y) {
    for (int r = from, row = start; r < to; r++, row += length) {
      FloatVector scale = Lanes.all(scales[r]);
      FloatVector shift = Lanes.all(shifts[r]);
      int last = row + length - WIDTH;
      for (int k = row; k < row + length; k += WIDTH) {
        int i = Math.min(k, last);
        FloatVector v = Lanes.load(x, i).lanewise(VectorOperators.FMA, scale, shift);
        Lanes.store(v.blend(least, v.compare(VectorOperators.LT, least)), y, i);
      }
    }
  }

  private void sigmoid(ByteBuffer x, int start, int from, int to, ByteBuffer y) {
    for (int r = from, row = start; r < to; r++, row += length) {
      FloatVector scale = Lanes.all(scales[r]);
      FloatVector shift = Lanes.all(shifts[r]);
      int last = row + length - WIDTH;
      for (int k = row; k < row + length; k += WIDTH) {
        int i = Math.min(k, last);
        FloatVector v = Lanes.load(x, i).lanewise(VectorOperators.FMA, scale, shift);
        Lanes.store(Curves.sigmoid(v), y, i);
      }
    }
  }

  private void silu(ByteBuffer x, int start, int from, int to, ByteBuffer y) {
    for (int r = from, row = start; r < to; r++, row += length) {
      FloatVector scale = Lanes.all(scales[r]);
      FloatVector shift = Lanes.all(shifts[r]);
      int last = row + length - WIDTH;
      for (int k = row; k < row + length; k += WIDTH) {
        int i = Math.min(k, last);
        FloatVector v = Lanes.load(x, i).lanewise(VectorOperators.FMA, scale, shift);
        Lanes.store(v.mul(Curves.sigmoid(v)), y, i);
      }
    }
  }

  private void gelu(ByteBuffer x, int start, int from, int to, ByteBuffer y) {
    for (int r = from, row = start; r < to; r++, row += length) {
      FloatVector scale = Lanes.all(scales[r]);
      FloatVector shift = Lanes.all(shifts[r]);
      int last = row + length - WIDTH;
      for (int k = row; k < row + length; k += WIDTH) {
        int i = Math.min(k, last);
        FloatVector v = Lanes.load(x, i).lanewise(VectorOperators.FMA, scale, shift);
        Lanes.store(v.mul(Curves.normalCdf(v)), y, i);
      }
    }
  }

  private void siluGradient(ByteBuffer dy, ByteBuffer x, int start, ByteBuffer dx) {
    for (int r = 0, row = start; r < scales.length; r++, row += length) {
      FloatVector scale = Lanes.all(scales[r]);
      FloatVector shift = Lanes.all(shifts[r]);
      int last = row + length - WIDTH;
      FloatVector before = Lanes.load(dy, row);
      int at = row;
      for (int k = row; k < row + length; k += WIDTH) {
        int i = Math.min(k, last);
        FloatVector v = Lanes.load(x, i).lanewise(VectorOperators.FMA, scale, shift);
        FloatVector derived = Lanes.load(dy, i).mul(Curves.siluSlope(v));
        Lanes.store(before, dx, at);
        before = derived;
        at = i;
      }
      Lanes.store(before, dx, at);
    }
  }

  private void geluGradient(ByteBuffer dy, ByteBuffer x, int start, ByteBuffer dx) {
    for (int r = 0, row = start; r < scales.length; r++, row += length) {
      FloatVector scale = Lanes.all(scales[r]);
      FloatVector shift = Lanes.all(shifts[r]);
      int last = row + length - WIDTH;
      FloatVector before = Lanes.load(dy, row);
      int at = row;
      for (int k = row; k < row + length; k += WIDTH) {
        int i = Math.min(k, last);
        FloatVector v = Lanes.load(x, i).lanewise(VectorOperators.FMA, scale, shift);
        FloatVector derived = Lanes.load(dy, i).mul(Curves.geluSlope(v));
        Lanes.store(before, dx, at);
        before = derived;
        at = i;
      }
      Lanes.store(before, dx, at);
    }
  }
}
