package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.ScanMath.EXP_1;
import static io.elapid.backend.cpu.ScanMath.EXP_2;
import static io.elapid.backend.cpu.ScanMath.EXP_3;
import static io.elapid.backend.cpu.ScanMath.EXP_4;
import static io.elapid.backend.cpu.ScanMath.EXP_5;
import static io.elapid.backend.cpu.ScanMath.EXP_6;
import static io.elapid.backend.cpu.ScanMath.LOG2_E;
import static io.elapid.backend.cpu.ScanMath.ROUND;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The curves of activations on registers, each short enough that the compiler merges one into a
 * loop. Constants come from the API itself: the compiler may have come to merge nothing else by
 * then. NaN gives NaN.
 */
final class Curves {
  /** Beyond it a sigmoid is 1, or so small that only the scale of its argument matters. */
  private static final float SIGMOID_REACH = 87f;

  /** Beyond it the distribution function is 0 or 1, and so is GELU's derivative, to 1e-7. */
  private static final float NORMAL_REACH = 5.656854f;

  private static final float SLOPE_REACH = 5.8f;

  private Curves() {}

  /** {@code x} moved into [-reach, reach]. */
  private static FloatVector clamped(FloatVector x, float reach) {
    FloatVector low = x.blend(-reach, x.compare(VectorOperators.LT, -reach));
    return low.blend(reach, x.compare(VectorOperators.GT, reach));
  }

  /** {@code 1 / (1 + e^-x)}, to about two units in the last place; below -87 its value there. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector v = clamped(x, SIGMOID_REACH);
    FloatVector shifted =
        v.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, -LOG2_E),
            FloatVector.broadcast(SPECIES, ROUND));
    FloatVector f =
        v.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, -LOG2_E),
            FloatVector.broadcast(SPECIES, ROUND).sub(shifted));
    FloatVector p =
        f.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, EXP_6),
            FloatVector.broadcast(SPECIES, EXP_5));
    p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(SPECIES, EXP_4));
    p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(SPECIES, EXP_3));
    p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(SPECIES, EXP_2));
    p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(SPECIES, EXP_1));
    p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(SPECIES, 1f));
    FloatVector power =
        p.reinterpretAsInts()
            .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
            .reinterpretAsFloats();
    return FloatVector.broadcast(SPECIES, 1f).div(power.add(FloatVector.broadcast(SPECIES, 1f)));
  }

  /** {@code s (1 + x (1 - s)) = s + xs - xs s}, s being the sigmoid of x. */
  static FloatVector siluSlope(FloatVector x) {
    FloatVector s = sigmoid(x);
    FloatVector xs = x.mul(s);
    return s.add(xs).sub(xs.mul(s));
  }

  /**
   * {@code Phi(x) = (1 + erf(x / sqrt 2)) / 2}, by a rational approximation of erf on [-4, 4] good
   * to 1e-7.
   */
  static FloatVector normalCdf(FloatVector x) {
    FloatVector z = clamped(x, NORMAL_REACH).mul(FloatVector.broadcast(SPECIES, 0.70710677f));
    FloatVector z2 = z.mul(z);
    FloatVector p =
        z2.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, -2.7261424e-10f),
            FloatVector.broadcast(SPECIES, 2.7706815e-8f));
    p = p.lanewise(VectorOperators.FMA, z2, FloatVector.broadcast(SPECIES, -2.101024e-6f));
    p = p.lanewise(VectorOperators.FMA, z2, FloatVector.broadcast(SPECIES, -5.6925062e-5f));
    p = p.lanewise(VectorOperators.FMA, z2, FloatVector.broadcast(SPECIES, -0.00073499064f));
    p = p.lanewise(VectorOperators.FMA, z2, FloatVector.broadcast(SPECIES, -0.0029546f));
    p = p.lanewise(VectorOperators.FMA, z2, FloatVector.broadcast(SPECIES, -0.016096033f));
    FloatVector q =
        z2.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, -1.45660715e-5f),
            FloatVector.broadcast(SPECIES, -0.00021337405f));
    q = q.lanewise(VectorOperators.FMA, z2, FloatVector.broadcast(SPECIES, -0.001682827f));
    q = q.lanewise(VectorOperators.FMA, z2, FloatVector.broadcast(SPECIES, -0.0073733293f));
    q = q.lanewise(VectorOperators.FMA, z2, FloatVector.broadcast(SPECIES, -0.014264739f));
    return z.mul(p)
        .div(q)
        .lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, 0.5f),
            FloatVector.broadcast(SPECIES, 0.5f));
  }

  /**
   * GELU's derivative {@code Phi(x) + x phi(x)}, by a rational approximation of {@code (gelu'(x) -
   * 1/2) / x} in {@code x^2}, whose error is 3e-9 and that of its evaluation 2e-7.
   */
  static FloatVector geluSlope(FloatVector x) {
    FloatVector v = clamped(x, SLOPE_REACH);
    FloatVector u = v.mul(v);
    FloatVector p =
        u.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, -2.8080396e-11f),
            FloatVector.broadcast(SPECIES, 1.1533163e-8f));
    p = p.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, 8.9169765e-7f));
    p = p.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, 3.2059095e-5f));
    p = p.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, 0.00019740577f));
    p = p.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, 0.013763645f));
    p = p.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, -0.022899272f));
    p = p.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, 0.7978845f));
    FloatVector q =
        u.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, 3.0234088e-7f),
            FloatVector.broadcast(SPECIES, 9.682054e-6f));
    q = q.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, 0.00023692577f));
    q = q.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, 0.0039019648f));
    q = q.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, 0.043795403f));
    q = q.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, 0.30463305f));
    q = q.lanewise(VectorOperators.FMA, u, FloatVector.broadcast(SPECIES, 1f));
    return v.mul(p).div(q).add(FloatVector.broadcast(SPECIES, 0.5f));
  }
}
