package io.elapid.graph;

import io.elapid.kernel.Tensor;
import io.elapid.kernel.UnifiedMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.pointers.PagedPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One block of native memory of one element type, zero at first. Arrays and buffers taken from it
 * are views: they must not be used after {@link #close()}.
 */
public final class Arena implements AutoCloseable {

  /** How arenas come about. */
  @FunctionalInterface
  public interface Source {
    /** An arena of {@code length} elements. */
    Arena take(DataType type, long length);
  }

  private final DataType type;
  private final long length;
  private final DataBuffer memory;
  private final long start;
  private final Ownership ownership;
  private final StandIns standIns;
  private final UnifiedMemory.Block block;

  /** Whose memory it is. */
  private enum Ownership {
    OWN,
    ANOTHERS
  }

  private Arena(
      DataType type,
      long length,
      DataBuffer memory,
      long start,
      Ownership ownership,
      StandIns standIns,
      UnifiedMemory.Block block) {
    this.type = type;
    this.length = length;
    this.memory = memory;
    this.start = start;
    this.ownership = ownership;
    this.standIns = standIns;
    this.block = block;
  }

  /**
   * Allocates zeroed memory that begins where a line of the cache does.
   *
   * @param length number of elements
   */
  public static Arena allocate(DataType type, long length) {
    DataBuffer memory = Nd4j.createBuffer(type, length + Tensor.LINE_BYTES / type.width(), true);
    long start = Math.floorMod(-memory.pointer().address(), Tensor.LINE_BYTES) / type.width();
    return new Arena(type, length, memory, start, Ownership.OWN, null, null);
  }

  /**
   * Takes zeroed memory that a device reaches too.
   *
   * @param length number of elements
   */
  public static Arena allocate(DataType type, long length, UnifiedMemory unified) {
    long elements = Math.max(1, length);
    long bytes = elements * type.width();
    UnifiedMemory.Block block = unified.allocate(bytes);
    BytePointer first = new PagedPointer(block.address()).asBytePointer();
    DataBuffer memory = Nd4j.createBuffer(first.capacity(bytes), elements, type);
    return new Arena(type, length, memory, 0, Ownership.OWN, null, block);
  }

  /**
   * An arena for finding out what a computation would need: it has a length but no memory, and its
   * views all lie in one place that is only as large as the largest, so they have a shape and mean
   * nothing.
   */
  public static Source planned() {
    StandIns shared = new StandIns();
    return (type, length) -> new Arena(type, length, null, 0, Ownership.OWN, shared, null);
  }

  /** An arena over the first {@code count} elements; this one goes on owning the memory. */
  public Arena part(long count) {
    requireInside(0, count);
    return new Arena(type, count, memory, start, Ownership.ANOTHERS, standIns, block);
  }

  public DataType type() {
    return type;
  }

  /** Number of elements. */
  public long length() {
    return length;
  }

  /** Size in bytes. */
  public long bytes() {
    return length * type.width();
  }

  /** A dense row-major array over the elements from {@code offset} on. */
  public INDArray view(long offset, long... shape) {
    long elements = elements(shape);
    requireInside(offset, elements);
    if (memory == null) {
      return standIns.of(type, shape);
    }
    DataBuffer window = Nd4j.createBuffer(memory, start + offset, elements);
    return Nd4j.create(window, shape, Nd4j.getStrides(shape, 'c'), 0, 'c', type);
  }

  /** The raw bytes of {@code elements} elements, in native order; at most 2 GiB. */
  public ByteBuffer buffer(long offset, long elements) {
    requireInside(offset, elements);
    if (memory == null) {
      throw new IllegalStateException("a planned arena holds nothing");
    }
    long from = (start + offset) * type.width();
    int size = Math.toIntExact(elements * type.width());
    if (size == 0) {
      // a pointer without a capacity counts as one of a byte
      return ByteBuffer.allocateDirect(0).order(ByteOrder.nativeOrder());
    }
    // a pointer of its own: position and limit of ND4J's must stay as they are
    BytePointer first = new BytePointer(memory.pointer()).getPointer(BytePointer.class, from);
    return first.capacity(size).asByteBuffer().order(ByteOrder.nativeOrder());
  }

  /** All bytes, in native order. */
  public ByteBuffer buffer() {
    return buffer(0, length);
  }

  /** Brings it to the device ahead of its use there, if it is memory that a device reaches. */
  public void toDevice() {
    if (block != null) {
      block.toDevice(start * type.width(), bytes());
    }
  }

  /** Brings some elements to the CPU ahead of their use there, likewise. */
  public void toHost(long offset, long elements) {
    requireInside(offset, elements);
    if (block != null) {
      block.toHost((start + offset) * type.width(), elements * type.width());
    }
  }

  private void requireInside(long offset, long elements) {
    if (offset < 0 || offset + elements > Math.max(1, length)) {
      throw new IndexOutOfBoundsException(
          "elements [%d, %d) of an arena of %d".formatted(offset, offset + elements, length));
    }
  }

  static long elements(long... shape) {
    long product = 1;
    for (long size : shape) {
      product *= size;
    }
    return product;
  }

  @Override
  public void close() {
    if (memory != null && ownership == Ownership.OWN) {
      memory.close();
      if (block != null) {
        block.close();
      }
    }
  }
}
