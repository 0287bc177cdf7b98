package io.elapid.backend.cpu;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Vector registers over tensor memory, and the functions on them that several kernels share. */
final class Lanes {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  static final int WIDTH = SPECIES.length();
  static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAAAAAAL);
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
  private static final VectorShuffle<Float> HALF = rotation(WIDTH / 2);
  private static final VectorShuffle<Float> QUARTER = rotation(WIDTH / 4);
  private static final VectorShuffle<Float> EIGHTH = rotation(WIDTH / 8);
  private static final VectorShuffle<Float> SIXTEENTH = rotation(WIDTH / 16);

  private Lanes() {}

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.iota(SPECIES, Math.max(by, 0), 1, true);
  }

  static boolean areFloat(Tensor tensor) {
    return tensor.type() == ElementType.FLOAT;
  }

  /** The largest multiple of the register width that is at most {@code n}. */
  static int bound(int n) {
    return n - n % WIDTH;
  }

  /** The smallest multiple of the register width that is at least {@code n}. */
  static int roundUp(int n) {
    return bound(n + WIDTH - 1);
  }

  static FloatVector load(ByteBuffer memory, int index) {
    return FloatVector.fromByteBuffer(SPECIES, memory, index << 2, NATIVE);
  }

  static void store(FloatVector vector, ByteBuffer memory, int index) {
    vector.intoByteBuffer(memory, index << 2, NATIVE);
  }

  static float get(ByteBuffer memory, int index) {
    return memory.getFloat(index << 2);
  }

  static void put(ByteBuffer memory, int index, float value) {
    memory.putFloat(index << 2, value);
  }

  static FloatVector zero() {
    return FloatVector.zero(SPECIES);
  }

  static FloatVector all(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  /**
   * Sum of all lanes in a fixed order. The API's own reduction leaves the order open, and
   * interpreted and compiled code do differ.
   */
  static float sum(FloatVector v) {
    FloatVector s = v.add(v.rearrange(HALF));
    s = s.add(s.rearrange(QUARTER));
    if (WIDTH >= 8) {
      s = s.add(s.rearrange(EIGHTH));
    }
    if (WIDTH >= 16) {
      s = s.add(s.rearrange(SIXTEENTH));
    }
    return s.lane(0);
  }

  /**
   * Each even lane of {@code even} plus the next one, and in odd lanes each odd lane of {@code odd}
   * plus the one before.
   */
  static FloatVector pairs(FloatVector even, FloatVector odd) {
    FloatVector next =
        even.reinterpretAsLongs().lanewise(VectorOperators.LSHR, Float.SIZE).reinterpretAsFloats();
    FloatVector before =
        odd.reinterpretAsLongs().lanewise(VectorOperators.LSHL, Float.SIZE).reinterpretAsFloats();
    return even.add(next).blend(odd.add(before), ODD);
  }

  /** {@code max(v, 0)}, NaN where v is. */
  static FloatVector relu(FloatVector v) {
    return v.blend(0f, v.compare(VectorOperators.LT, 0f));
  }

  static float relu(float v) {
    return v < 0 ? 0 : v;
  }

  /** {@code gradient} where the ReLU's argument {@code v} is positive or NaN, else 0. */
  static FloatVector open(FloatVector v, FloatVector gradient) {
    return gradient.blend(0f, v.compare(VectorOperators.LE, 0f));
  }

  static float open(float v, float gradient) {
    return v <= 0 ? 0 : gradient;
  }

  /**
   * {@code exp(x)} for {@code x <= 0}, to 1 unit in the last place or so; results below the normal
   * range are 0.
   *
   * <p>Cephes' polynomial after reduction by multiples of ln 2. Own code, since the API's EXP may
   * differ between machines.
   */
  static FloatVector expOfNegative(FloatVector x) {
    final float roundToInteger = 12582912f;
    FloatVector shifted =
        x.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, 1.442695f),
            FloatVector.broadcast(SPECIES, roundToInteger));
    FloatVector n = shifted.sub(roundToInteger);
    FloatVector r = n.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, -0.6933594f), x);
    r = n.lanewise(VectorOperators.FMA, FloatVector.broadcast(SPECIES, 0.00021219444f), r);
    FloatVector p =
        r.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, 0.00019875691f),
            FloatVector.broadcast(SPECIES, 0.0013981999f));
    p = p.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(SPECIES, 0.008333452f));
    p = p.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(SPECIES, 0.041665796f));
    p = p.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(SPECIES, 0.16666666f));
    p = p.lanewise(VectorOperators.FMA, r, FloatVector.broadcast(SPECIES, 0.5f));
    FloatVector y = p.lanewise(VectorOperators.FMA, r.mul(r), r).add(1f);
    FloatVector power =
        shifted
            .reinterpretAsInts()
            .lanewise(VectorOperators.LSHL, 23)
            .add(0x3F800000)
            .reinterpretAsFloats();
    VectorMask<Float> underflow = x.compare(VectorOperators.LT, -87f);
    return y.mul(power).blend(0f, underflow);
  }

  /**
   * {@code ln(1 + e)} for e in [0, 1], to about one unit in the last place. Even and odd powers of
   * the polynomial are added up apart, which makes half as long a chain.
   */
  static FloatVector logOfOnePlus(FloatVector e) {
    FloatVector square = e.mul(e);
    FloatVector odd =
        square.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, -3.176057e-3f),
            FloatVector.broadcast(SPECIES, -5.637361e-2f));
    FloatVector even =
        square.lanewise(
            VectorOperators.FMA,
            FloatVector.broadcast(SPECIES, 1.9542526e-2f),
            FloatVector.broadcast(SPECIES, 0.10543624f));
    odd = odd.lanewise(VectorOperators.FMA, square, FloatVector.broadcast(SPECIES, -0.15269667f));
    even = even.lanewise(VectorOperators.FMA, square, FloatVector.broadcast(SPECIES, 0.19663274f));
    odd = odd.lanewise(VectorOperators.FMA, square, FloatVector.broadcast(SPECIES, -0.24951616f));
    even = even.lanewise(VectorOperators.FMA, square, FloatVector.broadcast(SPECIES, 0.3332971f));
    odd = odd.lanewise(VectorOperators.FMA, square, FloatVector.broadcast(SPECIES, -0.49999893f));
    even = even.lanewise(VectorOperators.FMA, square, FloatVector.broadcast(SPECIES, 1f));
    return odd.lanewise(VectorOperators.FMA, e, even).mul(e);
  }

  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = expOfNegative(x.abs().neg());
    FloatVector positive = FloatVector.broadcast(SPECIES, 1f).div(e.add(1f));
    return positive.blend(e.mul(positive), x.compare(VectorOperators.LT, 0f));
  }

  static float sigmoid(float x) {
    float e = (float) Math.exp(-Math.abs(x));
    float positive = 1 / (1 + e);
    return x < 0 ? e * positive : positive;
  }
}
