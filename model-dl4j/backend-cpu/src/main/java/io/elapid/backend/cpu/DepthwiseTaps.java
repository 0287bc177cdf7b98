package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Weighted sums of shifted runs of floats, three taps at a time. Each tap has a mask, zeros where
 * its run has come from another row's end.
 *
 * @param from where each tap's run starts; in threes, what is missing being repetitions
 * @param masks where each tap's mask starts in {@code mask}
 * @param mask ones and zeros
 * @param count taps
 */
record DepthwiseTaps(int[] from, int[] masks, float[] mask, int count) {
  private static final int GROUP = 3;
  private static final int NINE = 9;

  static DepthwiseTaps of(int[] from, int[] masks, float[] mask) {
    int count = from.length;
    int room = (count + GROUP - 1) / GROUP * GROUP;
    int[] starts = Arrays.copyOf(from, room);
    int[] maskStarts = Arrays.copyOf(masks, room);
    Arrays.fill(starts, count, room, from[0]);
    Arrays.fill(maskStarts, count, room, masks[0]);
    return new DepthwiseTaps(starts, maskStarts, mask, count);
  }

  /** Room for a weight per run; those of repetitions are to stay 0. */
  float[] weights() {
    return new float[from.length];
  }

  /** Room for a register of sums per run. */
  float[] sums() {
    return new float[from.length * WIDTH];
  }

  private boolean sharesMask(int k) {
    return masks[k] == masks[k + 1] && masks[k] == masks[k + 2];
  }

  private boolean isThreeColumns() {
    return count == NINE && sharesMask(0) && sharesMask(3) && sharesMask(6);
  }

  /** {@code out[i] = sum over taps of weight * mask[i] * x[from + i]}, i in whole registers. */
  void sum(float[] x, float[] weights, float[] out, int length) {
    if (isThreeColumns()) {
      sumNine(x, from, weights, mask, masks, out, length);
      return;
    }
    Arrays.fill(out, 0, length, 0);
    for (int k = 0; k < from.length; k += GROUP) {
      if (sharesMask(k)) {
        addColumn(x, from, weights, k, mask, masks[k], out, length);
      } else {
        add(x, from, weights, k, mask, masks, out, length);
      }
    }
  }

  /** Adds {@code a[i] * mask[i] * x[from + i]} over i to a register of {@code sums} per run. */
  void dot(float[] a, float[] x, int length, float[] sums) {
    if (isThreeColumns()) {
      dotNine(a, x, from, mask, masks, length, sums);
      return;
    }
    for (int k = 0; k < from.length; k += GROUP) {
      dot(a, x, from, k, mask, masks, length, sums);
    }
  }

  private static FloatVector load(float[] from, int at) {
    return FloatVector.fromArray(SPECIES, from, at);
  }

  /** Three columns of three taps. */
  private static void sumNine(
      float[] x, int[] from, float[] w, float[] mask, int[] masks, float[] out, int length) {
    int a = from[0];
    int b = from[3];
    int c = from[6];
    int down = from[1] - a;
    int twoDown = from[2] - a;
    int ma = masks[0];
    int mb = masks[3];
    int mc = masks[6];
    FloatVector w0 = Lanes.all(w[0]);
    FloatVector w1 = Lanes.all(w[1]);
    FloatVector w2 = Lanes.all(w[2]);
    FloatVector w3 = Lanes.all(w[3]);
    FloatVector w4 = Lanes.all(w[4]);
    FloatVector w5 = Lanes.all(w[5]);
    FloatVector w6 = Lanes.all(w[6]);
    FloatVector w7 = Lanes.all(w[7]);
    FloatVector w8 = Lanes.all(w[8]);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector va = load(x, a + i).mul(w0);
      FloatVector vb = load(x, b + i).mul(w3);
      FloatVector vc = load(x, c + i).mul(w6);
      va = load(x, a + down + i).lanewise(VectorOperators.FMA, w1, va);
      vb = load(x, b + down + i).lanewise(VectorOperators.FMA, w4, vb);
      vc = load(x, c + down + i).lanewise(VectorOperators.FMA, w7, vc);
      va = load(x, a + twoDown + i).lanewise(VectorOperators.FMA, w2, va);
      vb = load(x, b + twoDown + i).lanewise(VectorOperators.FMA, w5, vb);
      vc = load(x, c + twoDown + i).lanewise(VectorOperators.FMA, w8, vc);
      FloatVector y = va.mul(load(mask, ma + i));
      y = vb.lanewise(VectorOperators.FMA, load(mask, mb + i), y);
      vc.lanewise(VectorOperators.FMA, load(mask, mc + i), y).intoArray(out, i);
    }
  }

  private static void addColumn(
      float[] x, int[] from, float[] w, int k, float[] mask, int m, float[] out, int length) {
    int a = from[k];
    int b = from[k + 1];
    int c = from[k + 2];
    FloatVector w0 = Lanes.all(w[k]);
    FloatVector w1 = Lanes.all(w[k + 1]);
    FloatVector w2 = Lanes.all(w[k + 2]);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = load(x, a + i).mul(w0);
      v = load(x, b + i).lanewise(VectorOperators.FMA, w1, v);
      v = load(x, c + i).lanewise(VectorOperators.FMA, w2, v);
      v.lanewise(VectorOperators.FMA, load(mask, m + i), load(out, i)).intoArray(out, i);
    }
  }

  private static void add(
      float[] x, int[] from, float[] w, int k, float[] mask, int[] masks, float[] out, int length) {
    int a = from[k];
    int b = from[k + 1];
    int c = from[k + 2];
    int ma = masks[k];
    int mb = masks[k + 1];
    int mc = masks[k + 2];
    FloatVector w0 = Lanes.all(w[k]);
    FloatVector w1 = Lanes.all(w[k + 1]);
    FloatVector w2 = Lanes.all(w[k + 2]);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector y = load(out, i);
      y = load(x, a + i).mul(w0).lanewise(VectorOperators.FMA, load(mask, ma + i), y);
      y = load(x, b + i).mul(w1).lanewise(VectorOperators.FMA, load(mask, mb + i), y);
      y = load(x, c + i).mul(w2).lanewise(VectorOperators.FMA, load(mask, mc + i), y);
      y.intoArray(out, i);
    }
  }

  private static void dot(
      float[] a,
      float[] x,
      int[] from,
      int k,
      float[] mask,
      int[] masks,
      int length,
      float[] sums) {
    int f0 = from[k];
    int f1 = from[k + 1];
    int f2 = from[k + 2];
    int m0 = masks[k];
    int m1 = masks[k + 1];
    int m2 = masks[k + 2];
    int at = k * WIDTH;
    FloatVector s0 = load(sums, at);
    FloatVector s1 = load(sums, at + WIDTH);
    FloatVector s2 = load(sums, at + 2 * WIDTH);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = load(a, i);
      s0 = v.mul(load(mask, m0 + i)).lanewise(VectorOperators.FMA, load(x, f0 + i), s0);
      s1 = v.mul(load(mask, m1 + i)).lanewise(VectorOperators.FMA, load(x, f1 + i), s1);
      s2 = v.mul(load(mask, m2 + i)).lanewise(VectorOperators.FMA, load(x, f2 + i), s2);
    }
    s0.intoArray(sums, at);
    s1.intoArray(sums, at + WIDTH);
    s2.intoArray(sums, at + 2 * WIDTH);
  }

  private static void dotNine(
      float[] a, float[] x, int[] from, float[] mask, int[] masks, int length, float[] sums) {
    int left = from[0];
    int middle = from[3];
    int right = from[6];
    int down = from[1] - left;
    int twoDown = from[2] - left;
    int m0 = masks[0];
    int m1 = masks[3];
    int m2 = masks[6];
    FloatVector s0 = load(sums, 0);
    FloatVector s1 = load(sums, WIDTH);
    FloatVector s2 = load(sums, 2 * WIDTH);
    FloatVector s3 = load(sums, 3 * WIDTH);
    FloatVector s4 = load(sums, 4 * WIDTH);
    FloatVector s5 = load(sums, 5 * WIDTH);
    FloatVector s6 = load(sums, 6 * WIDTH);
    FloatVector s7 = load(sums, 7 * WIDTH);
    FloatVector s8 = load(sums, 8 * WIDTH);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = load(a, i).mul(load(mask, m0 + i));
      s0 = load(x, left + i).lanewise(VectorOperators.FMA, v, s0);
      s1 = load(x, left + down + i).lanewise(VectorOperators.FMA, v, s1);
      s2 = load(x, left + twoDown + i).lanewise(VectorOperators.FMA, v, s2);
      v = load(a, i).mul(load(mask, m1 + i));
      s3 = load(x, middle + i).lanewise(VectorOperators.FMA, v, s3);
      s4 = load(x, middle + down + i).lanewise(VectorOperators.FMA, v, s4);
      s5 = load(x, middle + twoDown + i).lanewise(VectorOperators.FMA, v, s5);
      v = load(a, i).mul(load(mask, m2 + i));
      s6 = load(x, right + i).lanewise(VectorOperators.FMA, v, s6);
      s7 = load(x, right + down + i).lanewise(VectorOperators.FMA, v, s7);
      s8 = load(x, right + twoDown + i).lanewise(VectorOperators.FMA, v, s8);
    }
    s0.intoArray(sums, 0);
    s1.intoArray(sums, WIDTH);
    s2.intoArray(sums, 2 * WIDTH);
    s3.intoArray(sums, 3 * WIDTH);
    s4.intoArray(sums, 4 * WIDTH);
    s5.intoArray(sums, 5 * WIDTH);
    s6.intoArray(sums, 6 * WIDTH);
    s7.intoArray(sums, 7 * WIDTH);
    s8.intoArray(sums, 8 * WIDTH);
  }
}
