package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
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
    float[] packed = new float[4 * depth];
    for (int r = from; r < to; r += 4) {
      int rows = Math.min(4, to - r);
      pack(a, r, rows, depth, packed);
      int first = outStart + r * width;
      // The last register of a row may overlap the one before: it computes the same values again.
      for (int j = 0; j < width && width >= WIDTH; j += WIDTH) {
        int column = Math.min(j, width - WIDTH);
        if (rows == 4) {
          fourRows(packed, depth, b, bStart + column, out, first + column, width);
        } else {
          for (int i = 0; i < rows; i++) {
            oneRow(packed, i, depth, b, bStart + column, out, first + i * width + column, width);
          }
        }
      }
      for (int i = 0; i < rows && width < WIDTH; i++) {
        narrowRow(packed, i, depth, b, bStart, out, first + i * width, width);
      }
    }
  }

  /** Element (r + i, k) to {@code packed[4k + i]}. */
  private static void pack(Strided a, int r, int rows, int depth, float[] packed) {
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < depth; k++) {
        packed[4 * k + i] = a.at(r + i, k);
      }
    }
  }

  private static void fourRows(
      float[] packed,
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
      s0 = v.lanewise(VectorOperators.FMA, Lanes.all(packed[4 * k]), s0);
      s1 = v.lanewise(VectorOperators.FMA, Lanes.all(packed[4 * k + 1]), s1);
      s2 = v.lanewise(VectorOperators.FMA, Lanes.all(packed[4 * k + 2]), s2);
      s3 = v.lanewise(VectorOperators.FMA, Lanes.all(packed[4 * k + 3]), s3);
    }
    Lanes.store(s0, out, outStart);
    Lanes.store(s1, out, outStart + width);
    Lanes.store(s2, out, outStart + 2 * width);
    Lanes.store(s3, out, outStart + 3 * width);
  }

  private static void oneRow(
      float[] packed,
      int i,
      int depth,
      ByteBuffer b,
      int bStart,
      ByteBuffer out,
      int outStart,
      int width) {
    FloatVector s = Lanes.zero();
    for (int k = 0; k < depth; k++) {
      s =
          Lanes.load(b, bStart + k * width)
              .lanewise(VectorOperators.FMA, Lanes.all(packed[4 * k + i]), s);
    }
    Lanes.store(s, out, outStart);
  }

  private static void narrowRow(
      float[] packed,
      int i,
      int depth,
      ByteBuffer b,
      int bStart,
      ByteBuffer out,
      int outStart,
      int width) {
    for (int j = 0; j < width; j++) {
      float s = 0;
      for (int k = 0; k < depth; k++) {
        s = Math.fma(Lanes.get(b, bStart + k * width + j), packed[4 * k + i], s);
      }
      Lanes.put(out, outStart + j, s);
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
    float[] sums = new float[4 * WIDTH];
    int n = from;
    for (; n <= to - 4; n += 4) {
      fourDots(x, xStart, w, wStart + n * depth, depth, sums);
      for (int i = 0; i < 4; i++) {
        int row = wStart + (n + i) * depth;
        float rest = restOfDot(x, xStart, w, row, depth, Lanes.bound(depth));
        Lanes.put(out, outStart + n + i, laneSum(sums, i * WIDTH) + rest);
      }
    }
    for (; n < to; n++) {
      Lanes.put(out, outStart + n, dot(x, xStart, w, wStart + n * depth, depth));
    }
  }

  /** Registers of products with four rows, added up along the depth as far as registers go. */
  private static void fourDots(
      ByteBuffer x, int xStart, ByteBuffer w, int wStart, int depth, float[] sums) {
    FloatVector s0 = Lanes.zero();
    FloatVector s1 = Lanes.zero();
    FloatVector s2 = Lanes.zero();
    FloatVector s3 = Lanes.zero();
    for (int i = 0; i <= depth - WIDTH; i += WIDTH) {
      FloatVector v = Lanes.load(x, xStart + i);
      s0 = v.lanewise(VectorOperators.FMA, Lanes.load(w, wStart + i), s0);
      s1 = v.lanewise(VectorOperators.FMA, Lanes.load(w, wStart + depth + i), s1);
      s2 = v.lanewise(VectorOperators.FMA, Lanes.load(w, wStart + 2 * depth + i), s2);
      s3 = v.lanewise(VectorOperators.FMA, Lanes.load(w, wStart + 3 * depth + i), s3);
    }
    s0.intoArray(sums, 0);
    s1.intoArray(sums, WIDTH);
    s2.intoArray(sums, 2 * WIDTH);
    s3.intoArray(sums, 3 * WIDTH);
  }

  private static float laneSum(float[] sums, int at) {
    return Lanes.sum(FloatVector.fromArray(SPECIES, sums, at));
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
