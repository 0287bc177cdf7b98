package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.backend.cpu.VectorLosses.Piece;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Losses of the predictions of a piece: each loop puts {@code factor} times the weighted derivative
 * in a prediction's place and returns the sum of the weighted losses.
 */
final class LossRows {
  private LossRows() {}

  /** {@code e = exp(-|x|)} and {@code l = ln(1 + e)}; apart, since the compiler keeps no more. */
  private static void curves(Piece piece, int count) {
    exponentials(piece.x(), count, piece.e());
    logarithms(piece.e(), count, piece.l());
  }

  private static void exponentials(float[] x, int count, float[] e) {
    for (int i = 0; i < count; i += WIDTH) {
      Lanes.expOfNegative(FloatVector.fromArray(SPECIES, x, i).abs().neg()).intoArray(e, i);
    }
  }

  private static void logarithms(float[] e, int count, float[] l) {
    for (int i = 0; i < count; i += WIDTH) {
      Lanes.logOfOnePlus(FloatVector.fromArray(SPECIES, e, i)).intoArray(l, i);
    }
  }

  /**
   * Sigmoid focal loss with exponent 2 for targets 0 and 1: with {@code z = -x} for a target of 1
   * and {@code z = x} for the others, s the sigmoid of z and {@code l = ln(1 + e^z)}, the loss is
   * {@code a s^2 l} and its derivative in z is {@code a s^2 (2 (1 - s) l + s)}.
   */
  static double focal(Piece piece, int count, float own, float other, float factor) {
    curves(piece, count);
    chooseClasses(piece, count, own, other);
    FloatVector sum = Lanes.zero();
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector sign = FloatVector.fromArray(SPECIES, piece.targets(), i);
      FloatVector z = FloatVector.fromArray(SPECIES, piece.x(), i).mul(sign);
      FloatVector e = FloatVector.fromArray(SPECIES, piece.e(), i);
      FloatVector large = Lanes.all(1f).div(e.add(1f));
      FloatVector small = e.mul(large);
      VectorMask<Float> below = z.compare(VectorOperators.LT, 0f);
      FloatVector s = large.blend(small, below);
      FloatVector rest = small.blend(large, below);
      FloatVector l = FloatVector.fromArray(SPECIES, piece.l(), i).add(z.max(0f));
      FloatVector a = FloatVector.fromArray(SPECIES, piece.weights(), i).mul(s.mul(s));
      FloatVector slope = rest.mul(l).mul(2f).add(s).mul(sign);
      a.mul(factor).mul(slope).intoArray(piece.x(), i);
      sum = sum.add(a.mul(l));
    }
    return Lanes.sum(sum);
  }

  /** Makes weights those of the classes, and targets the sign of {@code z / x}. */
  private static void chooseClasses(Piece piece, int count, float own, float other) {
    float[] targets = piece.targets();
    float[] weights = piece.weights();
    for (int i = 0; i < count; i++) {
      weights[i] *= other + targets[i] * (own - other);
      targets[i] = 1 - 2 * targets[i];
    }
  }

  /** {@code ln(1 + e^x) - t x}, with derivative {@code sigmoid(x) - t}. */
  static double binaryCrossEntropy(Piece piece, int count, float factor) {
    curves(piece, count);
    FloatVector sum = Lanes.zero();
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector x = FloatVector.fromArray(SPECIES, piece.x(), i);
      FloatVector w = FloatVector.fromArray(SPECIES, piece.weights(), i);
      FloatVector t = FloatVector.fromArray(SPECIES, piece.targets(), i);
      FloatVector e = FloatVector.fromArray(SPECIES, piece.e(), i);
      FloatVector large = Lanes.all(1f).div(e.add(1f));
      FloatVector s = large.blend(e.mul(large), x.compare(VectorOperators.LT, 0f));
      FloatVector l = FloatVector.fromArray(SPECIES, piece.l(), i).add(x.max(0f)).sub(t.mul(x));
      w.mul(factor).mul(s.sub(t)).intoArray(piece.x(), i);
      sum = sum.add(w.mul(l));
    }
    return Lanes.sum(sum);
  }

  /** {@code |d| - beta / 2}, and {@code d^2 / (2 beta)} for differences below {@code beta}. */
  static double smoothL1(Piece piece, int count, float beta, float factor) {
    FloatVector sum = Lanes.zero();
    // any number does where no difference is below beta
    float steepness = beta > 0 ? 1 / beta : 0;
    for (int i = 0; i < count; i += WIDTH) {
      FloatVector w = FloatVector.fromArray(SPECIES, piece.weights(), i);
      FloatVector d =
          FloatVector.fromArray(SPECIES, piece.x(), i)
              .sub(FloatVector.fromArray(SPECIES, piece.targets(), i));
      FloatVector size = d.abs();
      VectorMask<Float> near = size.compare(VectorOperators.LT, beta);
      FloatVector l = size.sub(0.5f * beta).blend(d.mul(d).mul(0.5f * steepness), near);
      FloatVector sign =
          d.blend(1f, d.compare(VectorOperators.GT, 0f))
              .blend(-1f, d.compare(VectorOperators.LT, 0f));
      FloatVector slope = sign.blend(d.mul(steepness), near);
      w.mul(factor).mul(slope).intoArray(piece.x(), i);
      sum = sum.add(w.mul(l));
    }
    return Lanes.sum(sum);
  }
}
