package io.elapid.backend.cuda;

import java.nio.ByteBuffer;

/**
 * Brings floats into 16 bits and back, one by one; {@link VectorHalves} does it a register at a
 * time where the Vector API is there. Buffers are in native byte order, the halves' from their
 * start.
 */
class Halves {
  /** Bits of a float but its sign. */
  static final int MAGNITUDE = 0x7fffffff;

  static final int INFINITY = 0x7f800000;

  /** Makes what is no number a quiet one, which stays none when its last bits are cut off. */
  static final int QUIET = 0x400000;

  static final int INFINITY_16 = 0x7c00;
  static final int NO_NUMBER_16 = 0x7e00;

  /** 65536: from here on infinite in float16; what rounds to it becomes so by itself. */
  private static final int ABOVE_16 = 0x47800000;

  /** The least normal number of float16, 2^-14. */
  static final int NORMAL_16 = 0x38800000;

  /** 0.5, whose last place is float16's least number: added, it rounds what is below normal. */
  private static final int UNIT_16 = 0x3f000000;

  /** Between the exponents of float and float16. */
  private static final int REBIAS_16 = 127 - 15 << 23;

  /** The same as a factor, which puts numbers below normal right as well. */
  static final float SCALE_16 = 0x1p112f;

  /** Of bfloat16, or of float16. */
  final boolean brain;

  Halves(Storage storage) {
    brain = storage == Storage.BFLOAT16;
  }

  private static final class Known {
    private static final boolean VECTORS =
        ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    private static final Halves BFLOAT16 = make(Storage.BFLOAT16);
    private static final Halves FLOAT16 = make(Storage.FLOAT16);

    private static Halves make(Storage storage) {
      return VECTORS ? new VectorHalves(storage) : new Halves(storage);
    }
  }

  static Halves of(Storage storage) {
    return storage == Storage.BFLOAT16 ? Known.BFLOAT16 : Known.FLOAT16;
  }

  /** Of {@code bytes} bytes of floats from {@code at} on. */
  void narrow(ByteBuffer floats, int at, int bytes, ByteBuffer halves) {
    narrowRest(floats, at, 0, bytes, halves);
  }

  /** To {@code bytes} bytes of floats from {@code at} on. */
  void widen(ByteBuffer halves, ByteBuffer floats, int at, int bytes) {
    widenRest(halves, floats, at, 0, bytes);
  }

  /** Of these bytes those behind {@code done}. */
  final void narrowRest(ByteBuffer floats, int at, int done, int bytes, ByteBuffer halves) {
    for (int i = done; i < bytes; i += Float.BYTES) {
      halves.putShort(i / 2, (short) narrow(floats.getInt(at + i)));
    }
  }

  /** The other way. */
  final void widenRest(ByteBuffer halves, ByteBuffer floats, int at, int done, int bytes) {
    for (int i = done; i < bytes; i += Float.BYTES) {
      floats.putInt(at + i, widen(halves.getShort(i / 2) & 0xffff));
    }
  }

  /** Bits of the nearest half, ties to even, of those of a float. */
  private int narrow(int bits) {
    return brain ? narrowBrain(bits) : narrowHalf(bits);
  }

  private static int narrowBrain(int bits) {
    boolean number = (bits & MAGNITUDE) <= INFINITY;
    int rounded = bits + 0x7fff + (bits >>> 16 & 1);
    return (number ? rounded : bits | QUIET) >>> 16;
  }

  private static int narrowHalf(int bits) {
    int magnitude = bits & MAGNITUDE;
    int half;
    if (magnitude > INFINITY) {
      half = NO_NUMBER_16;
    } else if (magnitude >= ABOVE_16) {
      half = INFINITY_16;
    } else if (magnitude < NORMAL_16) {
      float shifted = Float.intBitsToFloat(magnitude) + Float.intBitsToFloat(UNIT_16);
      half = Float.floatToRawIntBits(shifted) - UNIT_16;
    } else {
      half = magnitude - REBIAS_16 + 0xfff + (magnitude >>> 13 & 1) >>> 13;
    }
    return half | bits >>> 16 & 0x8000;
  }

  /** The other way, exactly. */
  private int widen(int half) {
    return brain ? half << 16 : widenHalf(half);
  }

  private static int widenHalf(int half) {
    int digits = (half & 0x7fff) << 13;
    int bits = Float.floatToRawIntBits(Float.intBitsToFloat(digits) * SCALE_16);
    return (digits >= INFINITY_16 << 13 ? bits | INFINITY : bits) | (half & 0x8000) << 16;
  }
}
