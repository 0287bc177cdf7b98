package io.elapid.optim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;

/**
 * A view of contiguous memory as numbers of one type; the memory belongs to whoever allocated it.
 *
 * <p>Training runs on {@link Floats}. {@link Doubles} goes through the same calls and serves to
 * compare with reference values computed in double precision.
 */
public sealed interface FlatVector {

  /** Number of elements. */
  int length();

  /** Float32 elements {@code [0, values.limit())}. */
  record Floats(FloatBuffer values) implements FlatVector {
    @Override
    public int length() {
      return values.limit();
    }
  }

  /** Float64 elements {@code [0, values.limit())}. */
  record Doubles(DoubleBuffer values) implements FlatVector {
    @Override
    public int length() {
      return values.limit();
    }
  }

  /** The bytes of {@code memory} from 0 to its limit, read as float32 in native byte order. */
  static Floats floats(ByteBuffer memory) {
    return new Floats(
        memory
            .duplicate()
            .clear()
            .limit(memory.limit())
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer());
  }

  /** The bytes of {@code memory} from 0 to its limit, read as float64 in native byte order. */
  static Doubles doubles(ByteBuffer memory) {
    return new Doubles(
        memory
            .duplicate()
            .clear()
            .limit(memory.limit())
            .order(ByteOrder.nativeOrder())
            .asDoubleBuffer());
  }

  /** Zeroed direct memory for {@code length} float32 elements. */
  static Floats allocateFloats(int length) {
    return floats(ByteBuffer.allocateDirect(Math.multiplyExact(length, Float.BYTES)));
  }

  /** Zeroed direct memory for {@code length} float64 elements. */
  static Doubles allocateDoubles(int length) {
    return doubles(ByteBuffer.allocateDirect(Math.multiplyExact(length, Double.BYTES)));
  }

  /** Refuses vectors that do not belong together: another type or another length. */
  static void requireAlike(FlatVector first, FlatVector second) {
    if (first.getClass() != second.getClass() || first.length() != second.length()) {
      throw new IllegalArgumentException(
          "vectors do not match: %s[%d] and %s[%d]"
              .formatted(
                  first.getClass().getSimpleName(),
                  first.length(),
                  second.getClass().getSimpleName(),
                  second.length()));
    }
  }
}
