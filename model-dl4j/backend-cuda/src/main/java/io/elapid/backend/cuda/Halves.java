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
  static final int ABOVE_16 = 0x47800000;

  /** The least normal number of float16, 2^-14. */
  static final int NORMAL_16 = 0x38800000;

  /** 0.5, whose last place is float16's least number: added, it rounds what is below normal. */
  static final int UNIT_16 = 0x3f000000;

  /** Between the exponents of float and float16. */
  static final int REBIAS_16 = 127 - 15 << 23;

  /** The same as a factor, which puts numbers below normal right as well. */
  static final float SCALE_16 = 0x1p112f;

  private final Storage storage;

  Halves(Storage storage) {
    this.storage = storage;
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
      halves.putShort(i / 2, (short) storage.narrow(floats.getInt(at + i)));
    }
  }

  /** The other way. */
  final void widenRest(ByteBuffer halves, ByteBuffer floats, int at, int done, int bytes) {
    for (int i = done; i < bytes; i += Float.BYTES) {
      floats.putInt(at + i, storage.widen(halves.getShort(i / 2) & 0xffff));
    }
  }
}
