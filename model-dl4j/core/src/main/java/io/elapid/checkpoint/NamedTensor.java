package io.elapid.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * A dense row-major tensor and the name it has in a state dictionary.
 *
 * <p>The data is a view: whoever owns the memory must not change it while the tensor is in use.
 *
 * @param shape sizes of the dimensions; empty for a scalar
 * @param data exactly the elements, from position 0 to the limit, in native byte order
 */
public record NamedTensor(String name, DType type, long[] shape, ByteBuffer data) {
  public NamedTensor {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    shape = shape.clone();
    data = data.slice().order(ByteOrder.nativeOrder());
    if (elements(shape) * type.bytes() != data.limit()) {
      throw new IllegalArgumentException(
          "tensor %s of type %s and shape %s cannot have %d bytes"
              .formatted(name, type, Arrays.toString(shape), data.limit()));
    }
  }

  /** A float32 tensor over the remaining bytes of {@code data}. */
  public static NamedTensor floats(String name, long[] shape, ByteBuffer data) {
    return new NamedTensor(name, DType.F32, shape, data);
  }

  /** A float32 tensor holding a copy of {@code values}. */
  public static NamedTensor floats(String name, long[] shape, float... values) {
    ByteBuffer data = allocate(values.length * Float.BYTES);
    data.asFloatBuffer().put(values);
    return new NamedTensor(name, DType.F32, shape, data);
  }

  /** An int64 scalar, such as a step counter. */
  public static NamedTensor scalar(String name, long value) {
    return new NamedTensor(
        name, DType.I64, new long[0], allocate(Long.BYTES).putLong(value).flip());
  }

  /** Number of elements. */
  public int elements() {
    return data.limit() / type.bytes();
  }

  /** The data as float32; the tensor must be of that type. */
  public FloatBuffer floats() {
    return as(DType.F32).asFloatBuffer();
  }

  /** The data as float64; the tensor must be of that type. */
  public DoubleBuffer doubles() {
    return as(DType.F64).asDoubleBuffer();
  }

  /** The data as int64; the tensor must be of that type. */
  public LongBuffer longs() {
    return as(DType.I64).asLongBuffer();
  }

  /** A float32 copy of a floating-point tensor; throws for integers. */
  public NamedTensor toFloats() {
    if (type == DType.F32) {
      return this;
    }
    ByteBuffer copy = allocate(elements() * Float.BYTES);
    FloatBuffer out = copy.asFloatBuffer();
    for (int i = 0; i < elements(); i++) {
      out.put(i, floatAt(i));
    }
    return new NamedTensor(name, DType.F32, shape, copy);
  }

  /** The same data under another name. */
  public NamedTensor renamed(String other) {
    return new NamedTensor(other, type, shape, data);
  }

  private float floatAt(int index) {
    return switch (type) {
      case F64 -> (float) data.getDouble(index * Double.BYTES);
      case F32 -> data.getFloat(index * Float.BYTES);
      case F16 -> HalfFloat.toFloat(data.getShort(index * Short.BYTES));
      case BF16 -> Float.intBitsToFloat(data.getShort(index * Short.BYTES) << Short.SIZE);
      default -> throw wrongType("a floating-point type");
    };
  }

  private ByteBuffer as(DType wanted) {
    if (type != wanted) {
      throw wrongType(wanted.name());
    }
    return data.duplicate().order(ByteOrder.nativeOrder());
  }

  private IllegalStateException wrongType(String wanted) {
    return new IllegalStateException("tensor %s is %s, not %s".formatted(name, type, wanted));
  }

  private static long elements(long[] shape) {
    long product = 1;
    for (long size : shape) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public String toString() {
    return name + " " + type + Arrays.toString(shape);
  }
}
