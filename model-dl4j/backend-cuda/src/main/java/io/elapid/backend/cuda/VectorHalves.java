package io.elapid.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Two registers of floats become one of halves, of the same width: other widths would have the JVM
 * compute more carefully everywhere. The halves of the first lie in the lower parts of its ints,
 * those of the second in the upper ones, until a shuffle of shorts brings them into order.
 */
final class VectorHalves extends Halves {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Short> SHORTS = INTS.withLanes(short.class);
  private static final int WIDTH = INTS.length();
  private static final int REGISTER = INTS.vectorByteSize();
  private static final int LOWER = 0xffff;
  private static final int UPPER = 0xffff0000;
  private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

  /** Place in the pairs of what comes to each place of the halves, and the other way round. */
  private static final VectorShuffle<Short> ORDER =
      VectorShuffle.fromOp(SHORTS, i -> i < WIDTH ? 2 * i : 2 * (i - WIDTH) + 1);

  private static final VectorShuffle<Short> PAIRS =
      VectorShuffle.fromOp(SHORTS, i -> i % 2 == 0 ? i / 2 : WIDTH + i / 2);

  // What narrowing to float16 takes: numbers in their place would be more than the compiler
  // inlines.
  private static final IntVector MAGNITUDES = IntVector.broadcast(INTS, MAGNITUDE);
  private static final IntVector INFINITIES = IntVector.broadcast(INTS, INFINITY);
  private static final IntVector NORMALS = IntVector.broadcast(INTS, NORMAL_16);
  private static final IntVector THIRTEEN = IntVector.broadcast(INTS, 15 << 23);
  private static final IntVector EXPONENTS = IntVector.broadcast(INTS, INFINITY_16);
  private static final IntVector DIGITS = IntVector.broadcast(INTS, 0xfff);
  private static final IntVector NO_NUMBERS = IntVector.broadcast(INTS, NO_NUMBER_16);
  private static final IntVector SIGNS = IntVector.broadcast(INTS, 0x8000);
  private static final FloatVector UP =
      FloatVector.broadcast(INTS.withLanes(float.class), SCALE_16);
  private static final FloatVector DOWN =
      FloatVector.broadcast(INTS.withLanes(float.class), 4 / SCALE_16);

  VectorHalves(Storage storage) {
    super(storage);
  }

  @Override
  void narrow(ByteBuffer floats, int at, int bytes, ByteBuffer halves) {
    int whole = bytes - bytes % (2 * REGISTER);
    if (brain) {
      narrowBrain(floats, at, whole, halves);
    } else {
      narrowHalf(floats, at, whole, halves);
    }
    narrowRest(floats, at, whole, bytes, halves);
  }

  @Override
  void widen(ByteBuffer halves, ByteBuffer floats, int at, int bytes) {
    int whole = bytes - bytes % (2 * REGISTER);
    if (brain) {
      widenBrain(halves, floats, at, whole);
    } else {
      widenHalf(halves, floats, at, whole);
    }
    widenRest(halves, floats, at, whole, bytes);
  }

  // A loop for each kind, compiled by itself: one that chose for every register would make an
  // object of it.

  private static void narrowBrain(ByteBuffer floats, int at, int bytes, ByteBuffer halves) {
    for (int i = 0; i < bytes; i += 2 * REGISTER) {
      IntVector first = narrowBrain(load(floats, at + i));
      store(first, narrowBrain(load(floats, at + i + REGISTER)), halves, i / 2);
    }
  }

  private static void narrowHalf(ByteBuffer floats, int at, int bytes, ByteBuffer halves) {
    for (int i = 0; i < bytes; i += 2 * REGISTER) {
      IntVector first = narrowHalf(load(floats, at + i));
      store(first, narrowHalf(load(floats, at + i + REGISTER)), halves, i / 2);
    }
  }

  private static void widenBrain(ByteBuffer halves, ByteBuffer floats, int at, int bytes) {
    for (int i = 0; i < bytes; i += 2 * REGISTER) {
      IntVector pairs = pairs(halves, i / 2);
      pairs.lanewise(VectorOperators.LSHL, 16).intoByteBuffer(floats, at + i, NATIVE);
      pairs.and(UPPER).intoByteBuffer(floats, at + i + REGISTER, NATIVE);
    }
  }

  private static void widenHalf(ByteBuffer halves, ByteBuffer floats, int at, int bytes) {
    for (int i = 0; i < bytes; i += 2 * REGISTER) {
      IntVector pairs = pairs(halves, i / 2);
      widenHalf(pairs.and(LOWER)).intoByteBuffer(floats, at + i, NATIVE);
      widenHalf(pairs.lanewise(VectorOperators.LSHR, 16))
          .intoByteBuffer(floats, at + i + REGISTER, NATIVE);
    }
  }

  private static IntVector load(ByteBuffer floats, int at) {
    return IntVector.fromByteBuffer(INTS, floats, at, NATIVE);
  }

  private static IntVector pairs(ByteBuffer halves, int at) {
    return ShortVector.fromByteBuffer(SHORTS, halves, at, NATIVE)
        .rearrange(PAIRS)
        .reinterpretAsInts();
  }

  private static void store(IntVector first, IntVector second, ByteBuffer halves, int at) {
    first
        .or(second.lanewise(VectorOperators.LSHL, 16))
        .reinterpretAsShorts()
        .rearrange(ORDER)
        .intoByteBuffer(halves, at, NATIVE);
  }

  private static IntVector narrowBrain(IntVector bits) {
    VectorMask<Integer> noNumber = bits.and(MAGNITUDE).compare(VectorOperators.GT, INFINITY);
    IntVector even = bits.lanewise(VectorOperators.LSHR, 16).and(1);
    return bits.add(0x7fff)
        .add(even)
        .blend(bits.or(QUIET), noNumber)
        .lanewise(VectorOperators.LSHR, 16);
  }

  /**
   * Adds to four times a magnitude what is 2^13 times its own power of two, or that of the least
   * normal number: the sum's last places are the digits, the leading one among them, rounded. The
   * sum's exponent is one less than the half's, which that leading one makes up for. Magnitudes
   * from 65536 on become infinite on the way.
   */
  private static IntVector narrowHalf(IntVector bits) {
    IntVector magnitude = bits.and(MAGNITUDES);
    VectorMask<Integer> noNumber = magnitude.compare(VectorOperators.GT, INFINITIES);
    FloatVector fourfold = magnitude.reinterpretAsFloats().mul(UP).mul(DOWN);
    IntVector power = magnitude.and(INFINITIES).max(NORMALS).add(THIRTEEN);
    IntVector sum = power.reinterpretAsFloats().add(fourfold).reinterpretAsInts();
    IntVector exponent = sum.lanewise(VectorOperators.LSHR, 13).and(EXPONENTS);
    IntVector half = exponent.add(sum.and(DIGITS)).blend(NO_NUMBERS, noNumber);
    return half.or(bits.lanewise(VectorOperators.LSHR, 16).and(SIGNS));
  }

  private static IntVector widenHalf(IntVector halves) {
    IntVector digits = halves.and(0x7fff).lanewise(VectorOperators.LSHL, 13);
    FloatVector scaled = digits.reinterpretAsFloats().mul(SCALE_16);
    VectorMask<Integer> infinite = digits.compare(VectorOperators.GE, INFINITY_16 << 13);
    IntVector bits = scaled.reinterpretAsInts();
    return bits.blend(bits.or(INFINITY), infinite)
        .or(halves.and(0x8000).lanewise(VectorOperators.LSHL, 16));
  }
}
