package io.elapid.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A dense, row-major (c-order) tensor over memory in native byte order that somebody else owns and
 * keeps alive.
 *
 * <p>Element {@code i} is the {@code i}-th in row-major order and lies at byte {@code i *
 * type().bytes()} of {@link #bytes()}. A tensor spans less than 2 GiB, the reach of one {@link
 * ByteBuffer}.
 */
public final class Tensor {
  /** Bytes of a line of the cache: a register that lies in two costs twice. */
  public static final int LINE_BYTES = 64;

  private final ByteBuffer bytes;
  private final ElementType type;
  private final int[] shape;
  private final int size;

  private Tensor(ByteBuffer bytes, ElementType type, int[] shape, int size) {
    this.bytes = bytes;
    this.type = type;
    this.shape = shape;
    this.size = size;
  }

  /**
   * A tensor over the remaining bytes of {@code memory}.
   *
   * @throws IllegalArgumentException if the memory does not hold exactly the elements of the shape
   */
  public static Tensor over(ByteBuffer memory, ElementType type, long... shape) {
    int[] dims = new int[shape.length];
    long size = 1;
    for (int i = 0; i < shape.length; i++) {
      dims[i] = Math.toIntExact(shape[i]);
      size = Math.multiplyExact(size, shape[i]);
    }
    if (size * type.bytes() != memory.remaining()) {
      throw new IllegalArgumentException(
          "shape "
              + Arrays.toString(shape)
              + " of "
              + type
              + " does not fill "
              + memory.remaining()
              + " bytes");
    }
    return new Tensor(memory.slice().order(ByteOrder.nativeOrder()), type, dims, (int) size);
  }

  /**
   * A new tensor of zeros in direct memory of its own, which begins where a line of the cache does.
   */
  public static Tensor zeros(ElementType type, long... shape) {
    long size = 1;
    for (long d : shape) {
      size = Math.multiplyExact(size, d);
    }
    int bytes = Math.toIntExact(size * type.bytes());
    ByteBuffer memory = ByteBuffer.allocateDirect(Math.addExact(bytes, 2 * LINE_BYTES));
    return over(memory.alignedSlice(LINE_BYTES).limit(bytes), type, shape);
  }

  /** The memory, positioned at element 0, native order. Position and limit are not to be moved. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** Number format. */
  public ElementType type() {
    return type;
  }

  /** Number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /** Length of dimension {@code axis}. */
  public int dim(int axis) {
    return shape[axis];
  }

  /** Number of elements. */
  public int size() {
    return size;
  }

  /** Product of the dimensions from {@code axis} on; 1 if there are none. */
  public int sizeFrom(int axis) {
    int product = 1;
    for (int i = axis; i < shape.length; i++) {
      product *= shape[i];
    }
    return product;
  }

  /** Element {@code index} in row-major order. */
  public double at(int index) {
    return type == ElementType.FLOAT ? bytes.getFloat(index << 2) : bytes.getDouble(index << 3);
  }

  /** Sets element {@code index}, rounding to the tensor's type. */
  public void put(int index, double value) {
    if (type == ElementType.FLOAT) {
      bytes.putFloat(index << 2, (float) value);
    } else {
      bytes.putDouble(index << 3, value);
    }
  }

  /** Sets every element to {@code value}. */
  public void fill(double value) {
    for (int i = 0; i < size; i++) {
      put(i, value);
    }
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }
}
