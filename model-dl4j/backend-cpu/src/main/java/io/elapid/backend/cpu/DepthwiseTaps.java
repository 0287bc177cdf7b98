package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Weighted sums of shifted runs of floats, some taps at a time: as many as there are registers for.
 *
 * @param offsets of each tap's run; a multiple of {@link #FEW} of them, those beyond {@code count}
 *     being repetitions
 * @param count taps
 */
record DepthwiseTaps(int[] offsets, int count) {
  private static final int MANY = 9;
  private static final int FEW = 3;

  static DepthwiseTaps of(int[] offsets) {
    int count = offsets.length;
    int[] padded = Arrays.copyOf(offsets, (count + FEW - 1) / FEW * FEW);
    Arrays.fill(padded, count, padded.length, count == 0 ? 0 : offsets[0]);
    return new DepthwiseTaps(padded, count);
  }

  /** Room for a weight per offset; those of repetitions are to stay 0. */
  float[] weights() {
    return new float[offsets.length];
  }

  /** {@code out[i] = sum over taps of weight * from[offset + i]}, i in whole registers. */
  void sum(float[] from, float[] weights, float[] out, int start, int length) {
    Arrays.fill(out, start, start + length, 0);
    int k = 0;
    for (; k <= offsets.length - MANY; k += MANY) {
      addMany(from, offsets, weights, k, out, start, length);
    }
    for (; k < offsets.length; k += FEW) {
      addFew(from, offsets, weights, k, out, start, length);
    }
  }

  /** Adds {@code a[i] * from[offset + i]} over i to a register of {@code sums} for each tap. */
  void dot(float[] a, float[] from, int length, float[] sums) {
    int k = 0;
    for (; k <= offsets.length - MANY; k += MANY) {
      dotMany(a, from, offsets, k, length, sums);
    }
    for (; k < offsets.length; k += FEW) {
      dotFew(a, from, offsets, k, length, sums);
    }
  }

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  private static void addFew(
      float[] s, int[] o, float[] w, int k, float[] out, int start, int length) {
    int o0 = o[k];
    int o1 = o[k + 1];
    int o2 = o[k + 2];
    FloatVector w0 = Lanes.all(w[k]);
    FloatVector w1 = Lanes.all(w[k + 1]);
    FloatVector w2 = Lanes.all(w[k + 2]);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector a = load(s, o0 + i).lanewise(VectorOperators.FMA, w0, load(out, start + i));
      a = load(s, o1 + i).lanewise(VectorOperators.FMA, w1, a);
      load(s, o2 + i).lanewise(VectorOperators.FMA, w2, a).intoArray(out, start + i);
    }
  }

  private static void addMany(
      float[] s, int[] o, float[] w, int k, float[] out, int start, int length) {
    int o0 = o[k];
    int o1 = o[k + 1];
    int o2 = o[k + 2];
    int o3 = o[k + 3];
    int o4 = o[k + 4];
    int o5 = o[k + 5];
    int o6 = o[k + 6];
    int o7 = o[k + 7];
    int o8 = o[k + 8];
    FloatVector w0 = Lanes.all(w[k]);
    FloatVector w1 = Lanes.all(w[k + 1]);
    FloatVector w2 = Lanes.all(w[k + 2]);
    FloatVector w3 = Lanes.all(w[k + 3]);
    FloatVector w4 = Lanes.all(w[k + 4]);
    FloatVector w5 = Lanes.all(w[k + 5]);
    FloatVector w6 = Lanes.all(w[k + 6]);
    FloatVector w7 = Lanes.all(w[k + 7]);
    FloatVector w8 = Lanes.all(w[k + 8]);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector a = load(s, o0 + i).lanewise(VectorOperators.FMA, w0, load(out, start + i));
      FloatVector b = load(s, o1 + i).mul(w1);
      a = load(s, o2 + i).lanewise(VectorOperators.FMA, w2, a);
      b = load(s, o3 + i).lanewise(VectorOperators.FMA, w3, b);
      a = load(s, o4 + i).lanewise(VectorOperators.FMA, w4, a);
      b = load(s, o5 + i).lanewise(VectorOperators.FMA, w5, b);
      a = load(s, o6 + i).lanewise(VectorOperators.FMA, w6, a);
      b = load(s, o7 + i).lanewise(VectorOperators.FMA, w7, b);
      load(s, o8 + i).lanewise(VectorOperators.FMA, w8, a).add(b).intoArray(out, start + i);
    }
  }

  private static void dotFew(float[] a, float[] s, int[] o, int k, int length, float[] sums) {
    int o0 = o[k];
    int o1 = o[k + 1];
    int o2 = o[k + 2];
    int at = k * WIDTH;
    FloatVector s0 = load(sums, at);
    FloatVector s1 = load(sums, at + WIDTH);
    FloatVector s2 = load(sums, at + 2 * WIDTH);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = load(a, i);
      s0 = load(s, o0 + i).lanewise(VectorOperators.FMA, v, s0);
      s1 = load(s, o1 + i).lanewise(VectorOperators.FMA, v, s1);
      s2 = load(s, o2 + i).lanewise(VectorOperators.FMA, v, s2);
    }
    s0.intoArray(sums, at);
    s1.intoArray(sums, at + WIDTH);
    s2.intoArray(sums, at + 2 * WIDTH);
  }

  private static void dotMany(float[] a, float[] s, int[] o, int k, int length, float[] sums) {
    int o0 = o[k];
    int o1 = o[k + 1];
    int o2 = o[k + 2];
    int o3 = o[k + 3];
    int o4 = o[k + 4];
    int o5 = o[k + 5];
    int o6 = o[k + 6];
    int o7 = o[k + 7];
    int o8 = o[k + 8];
    int at = k * WIDTH;
    FloatVector s0 = load(sums, at);
    FloatVector s1 = load(sums, at + WIDTH);
    FloatVector s2 = load(sums, at + 2 * WIDTH);
    FloatVector s3 = load(sums, at + 3 * WIDTH);
    FloatVector s4 = load(sums, at + 4 * WIDTH);
    FloatVector s5 = load(sums, at + 5 * WIDTH);
    FloatVector s6 = load(sums, at + 6 * WIDTH);
    FloatVector s7 = load(sums, at + 7 * WIDTH);
    FloatVector s8 = load(sums, at + 8 * WIDTH);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = load(a, i);
      s0 = load(s, o0 + i).lanewise(VectorOperators.FMA, v, s0);
      s1 = load(s, o1 + i).lanewise(VectorOperators.FMA, v, s1);
      s2 = load(s, o2 + i).lanewise(VectorOperators.FMA, v, s2);
      s3 = load(s, o3 + i).lanewise(VectorOperators.FMA, v, s3);
      s4 = load(s, o4 + i).lanewise(VectorOperators.FMA, v, s4);
      s5 = load(s, o5 + i).lanewise(VectorOperators.FMA, v, s5);
      s6 = load(s, o6 + i).lanewise(VectorOperators.FMA, v, s6);
      s7 = load(s, o7 + i).lanewise(VectorOperators.FMA, v, s7);
      s8 = load(s, o8 + i).lanewise(VectorOperators.FMA, v, s8);
    }
    s0.intoArray(sums, at);
    s1.intoArray(sums, at + WIDTH);
    s2.intoArray(sums, at + 2 * WIDTH);
    s3.intoArray(sums, at + 3 * WIDTH);
    s4.intoArray(sums, at + 4 * WIDTH);
    s5.intoArray(sums, at + 5 * WIDTH);
    s6.intoArray(sums, at + 6 * WIDTH);
    s7.intoArray(sums, at + 7 * WIDTH);
    s8.intoArray(sums, at + 8 * WIDTH);
  }
}
