package io.elapid.optim;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
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

  /** The elements as kernels take them. */
  Tensor tensor();

  /** Number of elements. */
  default int length() {
    return tensor().size();
  }

  /** Float32 elements. */
  record Floats(Tensor tensor) implements FlatVector {
    /** All elements, from position 0 to the limit. */
    public FloatBuffer values() {
      return tensor.bytes().asFloatBuffer();
    }
  }

  /** Float64 elements. */
  record Doubles(Tensor tensor) implements FlatVector {
    /** All elements, from position 0 to the limit. */
    public DoubleBuffer values() {
      return tensor.bytes().asDoubleBuffer();
    }
  }

  /** The bytes of {@code memory} from 0 to its limit, read as float32 in native byte order. */
  static Floats floats(ByteBuffer memory) {
    return new Floats(tensor(memory, ElementType.FLOAT));
  }

  /** The bytes of {@code memory} from 0 to its limit, read as float64 in native byte order. */
  static Doubles doubles(ByteBuffer memory) {
    return new Doubles(tensor(memory, ElementType.DOUBLE));
  }

  private static Tensor tensor(ByteBuffer memory, ElementType type) {
    ByteBuffer all = memory.duplicate().rewind().order(ByteOrder.nativeOrder());
    return Tensor.over(all, type, all.remaining() / type.bytes());
  }

  /** Zeroed direct memory for {@code length} float32 elements. */
  static Floats allocateFloats(int length) {
    return new Floats(Tensor.zeros(ElementType.FLOAT, length));
  }

  /** Zeroed direct memory for {@code length} float64 elements. */
  static Doubles allocateDoubles(int length) {
    return new Doubles(Tensor.zeros(ElementType.DOUBLE, length));
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
