package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;
import static jdk.incubator.vector.VectorOperators.FMA;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loops of matrix products: {@code c = a b} for four rows of a and up to three
 * registers' columns of b, twelve sums that all stay in registers (of which AVX2 has sixteen).
 *
 * <p>Rows of a lie as they are, {@code step} apart; a panel of b holds row after row of its
 * columns, so that the loop reads it from end to end. Written out since the compiler keeps sums in
 * registers only as local variables. The sum of each element runs over k in ascending order,
 * whatever the sizes.
 */
final class Gemm {
  /** Rows of a tile; all are computed, so that there must be memory for as many behind a. */
  static final int ROWS = 4;

  /** Columns of a panel of b, and the distance of rows in it and in a tile of c. */
  static final int PANEL = 3 * WIDTH;

  /** Numbers in a tile of c. */
  static final int TILE = ROWS * PANEL;

  private Gemm() {}

  /**
   * One tile of c, rows {@link #PANEL} apart.
   *
   * @param step distance of rows in a
   * @param width columns of the panel: one, two or three registers
   * @param depth columns of a and rows of b
   */
  static void tile(
      float[] a, int aStart, int step, float[] b, int bStart, int width, int depth, float[] c) {
    if (width == PANEL) {
      tile3(a, aStart, step, b, bStart, depth, c);
    } else if (width == WIDTH) {
      tile1(a, aStart, step, b, bStart, depth, c);
    } else {
      tile2(a, aStart, step, b, bStart, depth, c);
    }
  }

  private static FloatVector load(float[] from, int index) {
    return FloatVector.fromArray(Lanes.SPECIES, from, index);
  }

  /** Three registers of columns. */
  private static void tile3(
      float[] a, int aStart, int step, float[] b, int bStart, int depth, float[] c) {
    FloatVector s00 = Lanes.zero();
    FloatVector s01 = Lanes.zero();
    FloatVector s02 = Lanes.zero();
    FloatVector s10 = Lanes.zero();
    FloatVector s11 = Lanes.zero();
    FloatVector s12 = Lanes.zero();
    FloatVector s20 = Lanes.zero();
    FloatVector s21 = Lanes.zero();
    FloatVector s22 = Lanes.zero();
    FloatVector s30 = Lanes.zero();
    FloatVector s31 = Lanes.zero();
    FloatVector s32 = Lanes.zero();
    int a1 = aStart + step;
    int a2 = aStart + 2 * step;
    int a3 = aStart + 3 * step;
    int j = bStart;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = load(b, j);
      FloatVector b1 = load(b, j + WIDTH);
      FloatVector b2 = load(b, j + 2 * WIDTH);
      FloatVector v = Lanes.all(a[aStart + k]);
      s00 = v.lanewise(FMA, b0, s00);
      s01 = v.lanewise(FMA, b1, s01);
      s02 = v.lanewise(FMA, b2, s02);
      v = Lanes.all(a[a1 + k]);
      s10 = v.lanewise(FMA, b0, s10);
      s11 = v.lanewise(FMA, b1, s11);
      s12 = v.lanewise(FMA, b2, s12);
      v = Lanes.all(a[a2 + k]);
      s20 = v.lanewise(FMA, b0, s20);
      s21 = v.lanewise(FMA, b1, s21);
      s22 = v.lanewise(FMA, b2, s22);
      v = Lanes.all(a[a3 + k]);
      s30 = v.lanewise(FMA, b0, s30);
      s31 = v.lanewise(FMA, b1, s31);
      s32 = v.lanewise(FMA, b2, s32);
      j += PANEL;
    }
    s00.intoArray(c, 0);
    s01.intoArray(c, WIDTH);
    s02.intoArray(c, 2 * WIDTH);
    s10.intoArray(c, PANEL);
    s11.intoArray(c, PANEL + WIDTH);
    s12.intoArray(c, PANEL + 2 * WIDTH);
    s20.intoArray(c, 2 * PANEL);
    s21.intoArray(c, 2 * PANEL + WIDTH);
    s22.intoArray(c, 2 * PANEL + 2 * WIDTH);
    s30.intoArray(c, 3 * PANEL);
    s31.intoArray(c, 3 * PANEL + WIDTH);
    s32.intoArray(c, 3 * PANEL + 2 * WIDTH);
  }

  /** Two registers of columns. */
  private static void tile2(
      float[] a, int aStart, int step, float[] b, int bStart, int depth, float[] c) {
    FloatVector s00 = Lanes.zero();
    FloatVector s01 = Lanes.zero();
    FloatVector s10 = Lanes.zero();
    FloatVector s11 = Lanes.zero();
    FloatVector s20 = Lanes.zero();
    FloatVector s21 = Lanes.zero();
    FloatVector s30 = Lanes.zero();
    FloatVector s31 = Lanes.zero();
    int a1 = aStart + step;
    int a2 = aStart + 2 * step;
    int a3 = aStart + 3 * step;
    int j = bStart;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = load(b, j);
      FloatVector b1 = load(b, j + WIDTH);
      FloatVector v = Lanes.all(a[aStart + k]);
      s00 = v.lanewise(FMA, b0, s00);
      s01 = v.lanewise(FMA, b1, s01);
      v = Lanes.all(a[a1 + k]);
      s10 = v.lanewise(FMA, b0, s10);
      s11 = v.lanewise(FMA, b1, s11);
      v = Lanes.all(a[a2 + k]);
      s20 = v.lanewise(FMA, b0, s20);
      s21 = v.lanewise(FMA, b1, s21);
      v = Lanes.all(a[a3 + k]);
      s30 = v.lanewise(FMA, b0, s30);
      s31 = v.lanewise(FMA, b1, s31);
      j += PANEL;
    }
    s00.intoArray(c, 0);
    s01.intoArray(c, WIDTH);
    s10.intoArray(c, PANEL);
    s11.intoArray(c, PANEL + WIDTH);
    s20.intoArray(c, 2 * PANEL);
    s21.intoArray(c, 2 * PANEL + WIDTH);
    s30.intoArray(c, 3 * PANEL);
    s31.intoArray(c, 3 * PANEL + WIDTH);
  }

  /** One register of columns. */
  private static void tile1(
      float[] a, int aStart, int step, float[] b, int bStart, int depth, float[] c) {
    FloatVector s00 = Lanes.zero();
    FloatVector s10 = Lanes.zero();
    FloatVector s20 = Lanes.zero();
    FloatVector s30 = Lanes.zero();
    int a1 = aStart + step;
    int a2 = aStart + 2 * step;
    int a3 = aStart + 3 * step;
    int j = bStart;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = load(b, j);
      FloatVector v = Lanes.all(a[aStart + k]);
      s00 = v.lanewise(FMA, b0, s00);
      v = Lanes.all(a[a1 + k]);
      s10 = v.lanewise(FMA, b0, s10);
      v = Lanes.all(a[a2 + k]);
      s20 = v.lanewise(FMA, b0, s20);
      v = Lanes.all(a[a3 + k]);
      s30 = v.lanewise(FMA, b0, s30);
      j += PANEL;
    }
    s00.intoArray(c, 0);
    s10.intoArray(c, PANEL);
    s20.intoArray(c, 2 * PANEL);
    s30.intoArray(c, 3 * PANEL);
  }
}
