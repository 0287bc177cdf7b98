package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Small matrix products on memory as it lies, for the kernels whose matrices are too small for a
 * BLAS call to pay.
 */
final class Matrices {
  /** A matrix whose element (r, k) is {@code memory[start + r * rowStep + k * columnStep]}. */
  record Strided(ByteBuffer memory, int start, int rowStep, int columnStep) {
    float at(int row, int column) {
      return Lanes.get(memory, start + row * rowStep + column * columnStep);
    }
  }

  private Matrices() {}

  /**
   * Rows {@code from} to {@code to} of {@code out = a b} with {@code b: (depth, width)} and {@code
   * out: (rows, width)} dense at their starts. Sums run over the depth in ascending order.
   */
  static void multiply(
      Strided a,
      int from,
      int to,
      int depth,
      ByteBuffer b,
      int bStart,
      ByteBuffer out,
      int outStart,
      int width) {
    int r = from;
    for (; r <= to - 4; r += 4) {
      int j = 0;
      for (; j <= width - WIDTH; j += WIDTH) {
        fourRows(a, r, depth, b, bStart + j, out, outStart + j, width);
      }
      for (int row = r; row < r + 4; row++) {
        restOfRow(a, row, depth, b, bStart, out, outStart, width, j);
      }
    }
    for (; r < to; r++) {
      int j = 0;
      for (; j <= width - WIDTH; j += WIDTH) {
        oneRow(a, r, depth, b, bStart + j, out, outStart + j, width);
      }
      restOfRow(a, r, depth, b, bStart, out, outStart, width, j);
    }
  }

  private static void fourRows(
      Strided a,
      int r,
      int depth,
      ByteBuffer b,
      int bStart,
      ByteBuffer out,
      int outStart,
      int width) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = Lanes.zero();
    FloatVector s2 = Lanes.zero();
    FloatVector s3 = Lanes.zero();
    for (int k = 0; k < depth; k++) {
      FloatVector v = Lanes.load(b, bStart + k * width);
      s0 = v.lanewise(VectorOperators.FMA, Lanes.all(a.at(r, k)), s0);
      s1 = v.lanewise(VectorOperators.FMA, Lanes.all(a.at(r + 1, k)), s1);
      s2 = v.lanewise(VectorOperators.FMA, Lanes.all(a.at(r + 2, k)), s2);
      s3 = v.lanewise(VectorOperators.FMA, Lanes.all(a.at(r + 3, k)), s3);
    }
    Lanes.store(s0, out, outStart + r * width);
    Lanes.store(s1, out, outStart + (r + 1) * width);
    Lanes.store(s2, out, outStart + (r + 2) * width);
    Lanes.store(s3, out, outStart + (r + 3) * width);
  }

  private static void oneRow(
      Strided a,
      int r,
      int depth,
      ByteBuffer b,
      int bStart,
      ByteBuffer out,
      int outStart,
      int width) {
    FloatVector s = Lanes.zero();
    for (int k = 0; k < depth; k++) {
      s = Lanes.load(b, bStart + k * width).lanewise(VectorOperators.FMA, Lanes.all(a.at(r, k)), s);
    }
    Lanes.store(s, out, outStart + r * width);
  }

  private static void restOfRow(
      Strided a,
      int r,
      int depth,
      ByteBuffer b,
      int bStart,
      ByteBuffer out,
      int outStart,
      int width,
      int from) {
    for (int j = from; j < width; j++) {
      float s = 0;
      for (int k = 0; k < depth; k++) {
        s = Math.fma(Lanes.get(b, bStart + k * width + j), a.at(r, k), s);
      }
      Lanes.put(out, outStart + r * width + j, s);
    }
  }

  /**
   * {@code out[n] = x . w_n} for n in [from, to): dot products of one row with rows of {@code w},
   * {@code depth} long.
   */
  static void dots(
      ByteBuffer x,
      int xStart,
      ByteBuffer w,
      int wStart,
      int depth,
      ByteBuffer out,
      int outStart,
      int from,
      int to) {
    int n = from;
    for (; n <= to - 4; n += 4) {
      fourDots(x, xStart, w, wStart + n * depth, depth, out, outStart + n);
    }
    for (; n < to; n++) {
      Lanes.put(out, outStart + n, dot(x, xStart, w, wStart + n * depth, depth));
    }
  }

  private static void fourDots(
      ByteBuffer x, int xStart, ByteBuffer w, int wStart, int depth, ByteBuffer out, int outStart) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = Lanes.zero();
    FloatVector s2 = Lanes.zero();
    FloatVector s3 = Lanes.zero();
    int i = 0;
    for (; i <= depth - WIDTH; i += WIDTH) {
      FloatVector v = Lanes.load(x, xStart + i);
      s0 = v.lanewise(VectorOperators.FMA, Lanes.load(w, wStart + i), s0);
      s1 = v.lanewise(VectorOperators.FMA, Lanes.load(w, wStart + depth + i), s1);
      s2 = v.lanewise(VectorOperators.FMA, Lanes.load(w, wStart + 2 * depth + i), s2);
      s3 = v.lanewise(VectorOperators.FMA, Lanes.load(w, wStart + 3 * depth + i), s3);
    }
    Lanes.put(out, outStart, Lanes.sum(s0) + restOfDot(x, xStart, w, wStart, depth, i));
    Lanes.put(out, outStart + 1, Lanes.sum(s1) + restOfDot(x, xStart, w, wStart + depth, depth, i));
    Lanes.put(
        out, outStart + 2, Lanes.sum(s2) + restOfDot(x, xStart, w, wStart + 2 * depth, depth, i));
    Lanes.put(
        out, outStart + 3, Lanes.sum(s3) + restOfDot(x, xStart, w, wStart + 3 * depth, depth, i));
  }

  private static float dot(ByteBuffer x, int xStart, ByteBuffer w, int wStart, int depth) {
    FloatVector s = Lanes.zero();
    int i = 0;
    for (; i <= depth - WIDTH; i += WIDTH) {
      s = Lanes.load(x, xStart + i).lanewise(VectorOperators.FMA, Lanes.load(w, wStart + i), s);
    }
    return Lanes.sum(s) + restOfDot(x, xStart, w, wStart, depth, i);
  }

  private static float restOfDot(
      ByteBuffer x, int xStart, ByteBuffer w, int wStart, int depth, int from) {
    float s = 0;
    for (int i = from; i < depth; i++) {
      s = Math.fma(Lanes.get(x, xStart + i), Lanes.get(w, wStart + i), s);
    }
    return s;
  }
}
