package io.elapid.data.image;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;

/**
 * libjpeg's accurate integer inverse transform ("islow": Loeffler, Ligtenberg and Moschytz 1989
 * with 13 bits), to the bit, of as many blocks side by side as a register has lanes.
 *
 * <p>Coefficient (or sample) i of all of them lies in the i-th register, so that neither pass needs
 * a transposition.
 */
final class JpegIdct {
  private static final int BITS = 13;
  private static final int PASS = 2;
  private static final int LANES = Lanes.COUNT;

  /** Registers from one row of blocks to the next. */
  private static final int ROW = 8 * LANES;

  private static final VarHandle FOUR_BYTES =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final int[] left = new int[LANES];
  private final int[] right = new int[LANES];

  /**
   * Transforms the blocks of one group.
   *
   * @param c scaled coefficients in natural order, 64 registers from {@code from} on; overwritten
   * @param out receives rows of 8 samples of each block side by side
   * @param to where the upper left sample belongs
   * @param stride from one row to the next
   */
  void transform(int[] c, int from, byte[] out, int to, int stride) {
    for (int x = 0; x < 8; x++) {
      pass(c, from + x * LANES, ROW, 1 << (BITS - PASS - 1), BITS - PASS);
    }
    // The last shift rounds and brings samples from around 0 to around 128.
    int half = (1 << (BITS + PASS + 2)) + (128 << (BITS + PASS + 3));
    for (int y = 0; y < 8; y++) {
      pass(c, from + y * ROW, LANES, half, BITS + PASS + 3);
      store(c, from + y * ROW, out, to + y * stride);
    }
  }

  /** Eight registers, {@code step} apart, through one dimension of the transform. */
  private static void pass(int[] c, int at, int step, int half, int shift) {
    IntVector c0 = IntVector.fromArray(Lanes.INTS, c, at);
    IntVector o3 = IntVector.fromArray(Lanes.INTS, c, at + step);
    IntVector c2 = IntVector.fromArray(Lanes.INTS, c, at + 2 * step);
    IntVector o2 = IntVector.fromArray(Lanes.INTS, c, at + 3 * step);
    IntVector c4 = IntVector.fromArray(Lanes.INTS, c, at + 4 * step);
    IntVector o1 = IntVector.fromArray(Lanes.INTS, c, at + 5 * step);
    IntVector c6 = IntVector.fromArray(Lanes.INTS, c, at + 6 * step);
    IntVector o0 = IntVector.fromArray(Lanes.INTS, c, at + 7 * step);
    IntVector z1 = c2.add(c6).mul(4433);
    IntVector t2 = z1.sub(c6.mul(15137));
    IntVector t3 = z1.add(c2.mul(6270));
    IntVector t0 = c0.add(c4).lanewise(LSHL, BITS).add(half);
    IntVector t1 = c0.sub(c4).lanewise(LSHL, BITS).add(half);
    IntVector e0 = t0.add(t3);
    IntVector e3 = t0.sub(t3);
    IntVector e1 = t1.add(t2);
    IntVector e2 = t1.sub(t2);
    IntVector w3 = o0.add(o2);
    IntVector w4 = o1.add(o3);
    IntVector w5 = w3.add(w4).mul(9633);
    IntVector w1 = o0.add(o3).mul(-7373);
    IntVector w2 = o1.add(o2).mul(-20995);
    w3 = w5.sub(w3.mul(16069));
    w4 = w5.sub(w4.mul(3196));
    o0 = o0.mul(2446).add(w1).add(w3);
    o1 = o1.mul(16819).add(w2).add(w4);
    o2 = o2.mul(25172).add(w2).add(w3);
    o3 = o3.mul(12299).add(w1).add(w4);
    e0.add(o3).lanewise(ASHR, shift).intoArray(c, at);
    e1.add(o2).lanewise(ASHR, shift).intoArray(c, at + step);
    e2.add(o1).lanewise(ASHR, shift).intoArray(c, at + 2 * step);
    e3.add(o0).lanewise(ASHR, shift).intoArray(c, at + 3 * step);
    e3.sub(o0).lanewise(ASHR, shift).intoArray(c, at + 4 * step);
    e2.sub(o1).lanewise(ASHR, shift).intoArray(c, at + 5 * step);
    e1.sub(o2).lanewise(ASHR, shift).intoArray(c, at + 6 * step);
    e0.sub(o3).lanewise(ASHR, shift).intoArray(c, at + 7 * step);
  }

  /** One row of samples of every block. */
  private void store(int[] c, int at, byte[] out, int to) {
    four(c, at).intoArray(left, 0);
    four(c, at + 4 * LANES).intoArray(right, 0);
    for (int block = 0, i = to; block < LANES; block++, i += 8) {
      FOUR_BYTES.set(out, i, left[block]);
      FOUR_BYTES.set(out, i + 4, right[block]);
    }
  }

  /** Four samples as one number, the first one lowest. */
  private static IntVector four(int[] c, int at) {
    IntVector s0 = Lanes.clip(IntVector.fromArray(Lanes.INTS, c, at));
    IntVector s1 = Lanes.clip(IntVector.fromArray(Lanes.INTS, c, at + LANES));
    IntVector s2 = Lanes.clip(IntVector.fromArray(Lanes.INTS, c, at + 2 * LANES));
    IntVector s3 = Lanes.clip(IntVector.fromArray(Lanes.INTS, c, at + 3 * LANES));
    return s0.or(s1.lanewise(LSHL, 8)).or(s2.lanewise(LSHL, 16)).or(s3.lanewise(LSHL, 24));
  }
}
