package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops over a row of floats: {@code length} of them from {@code start} on, at the same place in
 * every operand. Each loop is a method by itself: the compiler gives up on inlining vector
 * operations in large ones.
 */
final class Rows {
  private Rows() {}

  /** Sum of a row. */
  static double sum(ByteBuffer x, int start, int length) {
    FloatVector sum = Lanes.zero();
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      sum = sum.add(Lanes.load(x, i));
    }
    float rest = 0;
    for (; i < start + length; i++) {
      rest += Lanes.get(x, i);
    }
    return Lanes.sum(sum) + (double) rest;
  }

  /** Sets a row to one value. */
  static void fill(ByteBuffer y, int start, int length, float value) {
    FloatVector values = Lanes.all(value);
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      Lanes.store(values, y, i);
    }
    for (; i < start + length; i++) {
      Lanes.put(y, i, value);
    }
  }

  /** {@code y = factor x}. */
  static void scale(ByteBuffer x, int start, int length, float factor, ByteBuffer y) {
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      Lanes.store(Lanes.load(x, i).mul(factor), y, i);
    }
    for (; i < start + length; i++) {
      Lanes.put(y, i, Lanes.get(x, i) * factor);
    }
  }

  /** {@code y = factor x}, and the sum of the products of x and {@code other}. */
  static double scaleAndDot(
      ByteBuffer x, int start, int length, float factor, ByteBuffer other, ByteBuffer y) {
    FloatVector factors = Lanes.all(factor);
    FloatVector sum = Lanes.zero();
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      FloatVector v = Lanes.load(x, i);
      sum = v.lanewise(VectorOperators.FMA, Lanes.load(other, i), sum);
      Lanes.store(v.mul(factors), y, i);
    }
    float rest = 0;
    for (; i < start + length; i++) {
      float v = Lanes.get(x, i);
      rest += v * Lanes.get(other, i);
      Lanes.put(y, i, v * factor);
    }
    return Lanes.sum(sum) + (double) rest;
  }

  /** {@code y = factor x + shift}. */
  static void affine(ByteBuffer x, int start, int length, float factor, float shift, ByteBuffer y) {
    FloatVector factors = Lanes.all(factor);
    FloatVector shifts = Lanes.all(shift);
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      Lanes.store(Lanes.load(x, i).lanewise(VectorOperators.FMA, factors, shifts), y, i);
    }
    for (; i < start + length; i++) {
      Lanes.put(y, i, Math.fma(Lanes.get(x, i), factor, shift));
    }
  }

  /** {@code y = factor x + residual}. */
  static void scaleAndAdd(
      ByteBuffer x, int start, int length, float factor, ByteBuffer residual, ByteBuffer y) {
    FloatVector factors = Lanes.all(factor);
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      FloatVector r = Lanes.load(residual, i);
      Lanes.store(Lanes.load(x, i).lanewise(VectorOperators.FMA, factors, r), y, i);
    }
    for (; i < start + length; i++) {
      Lanes.put(y, i, Math.fma(Lanes.get(x, i), factor, Lanes.get(residual, i)));
    }
  }

  /** {@code y += shift}. */
  static void shift(ByteBuffer y, int start, int length, float shift) {
    int i = start;
    for (; i <= start + length - WIDTH; i += WIDTH) {
      Lanes.store(Lanes.load(y, i).add(shift), y, i);
    }
    for (; i < start + length; i++) {
      Lanes.put(y, i, Lanes.get(y, i) + shift);
    }
  }
}
