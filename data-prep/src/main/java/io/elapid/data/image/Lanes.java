package io.elapid.data.image;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Registers of as many ints as the processor has room for, and of as many bytes and shorts. */
final class Lanes {
  /** Fewer and the bytes of as many pixels fill no register that the Vector API knows. */
  static final int LEAST = 8;

  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  static final int COUNT = INTS.length();

  private static final VectorSpecies<Byte> BYTES =
      COUNT < LEAST
          ? ByteVector.SPECIES_64
          : VectorSpecies.of(byte.class, VectorShape.forBitSize(COUNT * Byte.SIZE));
  private static final VectorSpecies<Short> SHORTS =
      COUNT < LEAST
          ? ShortVector.SPECIES_64
          : VectorSpecies.of(short.class, VectorShape.forBitSize(COUNT * Short.SIZE));

  private Lanes() {}

  /** The next bytes, 0 to 255 each. */
  static IntVector unsigned(byte[] values, int from) {
    IntVector signed = (IntVector) ByteVector.fromArray(BYTES, values, from).castShape(INTS, 0);
    return signed.and(0xFF);
  }

  static IntVector ints(short[] values, int from) {
    return (IntVector) ShortVector.fromArray(SHORTS, values, from).castShape(INTS, 0);
  }

  /** The smallest multiple of the number of lanes that is not below {@code count}. */
  static int roundUp(int count) {
    return (count + COUNT - 1) / COUNT * COUNT;
  }
}
