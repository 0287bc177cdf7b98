package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.SPECIES;
import static io.elapid.backend.cpu.Lanes.WIDTH;

import java.nio.ByteBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The functions of a selective scan on registers, each to about one unit in the last place. */
final class ScanMath {
  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  static final float LN_2 = 0.6931472f;

  /** Coefficients of {@code 2^f} for f in [-0.5, 0.5], to 1e-8. */
  static final float EXP_1 = 0.6931472f;

  static final float EXP_2 = 0.2402265f;
  static final float EXP_3 = 5.550357e-2f;
  static final float EXP_4 = 9.618083e-3f;
  static final float EXP_5 = 1.3390863e-3f;
  static final float EXP_6 = 1.5453163e-4f;

  static final float LOG2_E = 1.442695f;

  /** What {@link #LOG2_E} lacks. */
  private static final float LOG2_E_REST = 1.925963e-8f;

  /** Adding it rounds to an integer, which the lowest bits of the sum then hold. */
  static final float ROUND = 12582912f;

  /** Below this exponent results would be subnormal. */
  static final float LEAST = ROUND - 126;

  private ScanMath() {}

  /**
   * {@code 2^(step * rate)} for a product that is not positive; results below the normal range are
   * 0. The product is never rounded: two multiply-adds take the integer off it.
   */
  static FloatVector decay(FloatVector step, FloatVector rate) {
    FloatVector shifted = shifted(step, rate);
    return normal(power(fraction(step, rate, shifted), shifted), shifted);
  }

  /** {@link #decay} for products between -126 and 126, whose results are normal numbers. */
  static FloatVector normalDecay(FloatVector step, FloatVector rate) {
    FloatVector shifted = shifted(step, rate);
    return power(fraction(step, rate, shifted), shifted);
  }

  /** The product's integer, in the lowest bits. */
  private static FloatVector shifted(FloatVector step, FloatVector rate) {
    return step.lanewise(VectorOperators.FMA, rate, FloatVector.broadcast(SPECIES, ROUND));
  }

  private static FloatVector fraction(FloatVector step, FloatVector rate, FloatVector shifted) {
    return step.lanewise(
        VectorOperators.FMA, rate, FloatVector.broadcast(SPECIES, ROUND).sub(shifted));
  }

  /** {@code e^x} for {@code x <= 0}; results below the normal range are 0. */
  private static FloatVector exp(FloatVector x) {
    FloatVector shifted =
        x.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, LOG2_E),
            FloatVector.broadcast(SPECIES, ROUND));
    FloatVector f =
        x.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, LOG2_E),
            FloatVector.broadcast(SPECIES, ROUND).sub(shifted));
    f = x.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, LOG2_E_REST), f);
    return normal(power(f, shifted), shifted);
  }

  /** {@code 2^(f + n)} for f in [-0.5, 0.5] and n in the lowest bits of {@code shifted}. */
  private static FloatVector power(FloatVector f, FloatVector shifted) {
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
    return p.reinterpretAsInts()
        .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
        .reinterpretAsFloats();
  }

  /** A power where it is a normal number, else 0. */
  private static FloatVector normal(FloatVector power, FloatVector shifted) {
    return power.blend(0f, shifted.compare(VectorOperators.LT, LEAST));
  }

  /**
   * What step sizes are made of: adds a bias to rows of {@code from} and writes of the sums {@code
   * x} what {@link #size} and {@link #slope} take, {@code e^-|x|} with the sign of {@code x} and
   * {@code max(x, 0)}.
   *
   * <p>Logarithms are left to the loops that need the sizes: the two in one are a chain too long
   * for a processor to have enough of them under way.
   *
   * @param start of the first row, a register long
   * @param stride from one row to the next
   * @param bias a register of biases at {@code at}
   * @param steps the first at {@code first}
   * @param count rows
   */
  static void softplus(
      ByteBuffer from,
      int start,
      int stride,
      float[] bias,
      int at,
      float[] steps,
      int first,
      int count) {
    FloatVector shift = FloatVector.fromArray(SPECIES, bias, at);
    for (int row = 0; row < count; row++) {
      FloatVector v = Lanes.load(from, start + row * stride).add(shift);
      IntVector bits = v.reinterpretAsInts();
      FloatVector down = bits.or(Integer.MIN_VALUE).reinterpretAsFloats();
      FloatVector shifted =
          down.lanewise(
              VectorOperators.FMA,
              FloatVector.broadcast(SPECIES, LOG2_E),
              FloatVector.broadcast(SPECIES, ROUND));
      FloatVector f =
          down.lanewise(
              VectorOperators.FMA,
              FloatVector.broadcast(SPECIES, LOG2_E),
              FloatVector.broadcast(SPECIES, ROUND).sub(shifted));
      f = down.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, LOG2_E_REST), f);
      FloatVector p =
          f.lanewise(
              VectorOperators.FMA,
              FloatVector.broadcast(SPECIES, EXP_6),
              FloatVector.broadcast(SPECIES, EXP_5));
      p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(SPECIES, EXP_4));
      p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(SPECIES, EXP_3));
      p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(SPECIES, EXP_2));
      p = p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(SPECIES, EXP_1));
      p.lanewise(VectorOperators.FMA, f, FloatVector.broadcast(SPECIES, 1f))
          .reinterpretAsInts()
          .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
          .reinterpretAsFloats()
          .blend(0f, shifted.compare(VectorOperators.LT, LEAST))
          .reinterpretAsInts()
          .or(bits.and(Integer.MIN_VALUE))
          .reinterpretAsFloats()
          .intoArray(steps, first + ScanSteps.E + row * WIDTH);
      bits.lanewise(VectorOperators.AND_NOT, bits.lanewise(VectorOperators.ASHR, Integer.SIZE - 1))
          .reinterpretAsFloats()
          .intoArray(steps, first + row * ScanSteps.STRIDE + ScanSteps.DT);
    }
  }

  /**
   * Step sizes that are what softplus would have been applied to: of sums that {@link #size} leaves
   * as they are and zeros, of which {@link #slope} makes ones.
   */
  static void identity(
      ByteBuffer from,
      int start,
      int stride,
      float[] bias,
      int at,
      float[] steps,
      int first,
      int count) {
    FloatVector shift = FloatVector.fromArray(SPECIES, bias, at);
    for (int row = 0; row < count; row++) {
      Lanes.load(from, start + row * stride)
          .add(shift)
          .intoArray(steps, first + row * ScanSteps.STRIDE + ScanSteps.DT);
      Lanes.zero().intoArray(steps, first + ScanSteps.E + row * WIDTH);
    }
  }

  /** The step size {@code ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)}. */
  static FloatVector size(FloatVector signed, FloatVector positive) {
    return Lanes.logOfOnePlus(signed.abs()).add(positive);
  }

  /** Makes the sizes of {@code count} steps of what {@link #softplus} wrote of them. */
  static void sizes(float[] steps, int first, int count) {
    for (int row = 0; row < count; row++) {
      int step = first + row * ScanSteps.STRIDE + ScanSteps.DT;
      FloatVector signed = FloatVector.fromArray(SPECIES, steps, first + ScanSteps.E + row * WIDTH);
      size(signed, FloatVector.fromArray(SPECIES, steps, step)).intoArray(steps, step);
    }
  }

  /**
   * The largest of absolute values, of whose bits this is the lanes' maximum; NaN where one was.
   */
  static float largest(IntVector bits) {
    return Float.intBitsToFloat(bits.reduceLanes(VectorOperators.MAX));
  }

  /** The derivative {@code 1 / (1 + e^-x)} of a step size. */
  static FloatVector slope(FloatVector signed) {
    FloatVector e = signed.abs();
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    VectorMask<Float> negative =
        signed.reinterpretAsInts().compare(VectorOperators.LT, 0).cast(SPECIES);
    return one.blend(e, negative).div(e.add(one));
  }

  /** Turns the logarithms of decays, a register full, into rates for {@link #decay}. */
  static void rates(float[] logarithms, int start) {
    FloatVector x = FloatVector.fromArray(SPECIES, logarithms, start);
    FloatVector e = exp(x.abs().neg());
    FloatVector decays =
        e.blend(FloatVector.broadcast(SPECIES, 1f).div(e), x.compare(VectorOperators.GT, 0f));
    decays.mul(-LOG2_E).intoArray(logarithms, start);
  }
}
