package io.elapid.engine;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A variable of a program under compilation: a shape over a piece of storage. Views and passed-on
 * gradients share their source's storage.
 */
record Value(DataType type, long[] shape, Storage storage) {

  /** An array that is there before the program runs. */
  static Value input(INDArray array) {
    return new Value(array.dataType(), array.shape(), new Storage(array.length(), -1, array));
  }

  /** An array whose content never changes. */
  static Value constant(INDArray array) {
    return new Value(array.dataType(), array.shape(), new Storage(array.length(), -1, array));
  }

  /** What step number {@code step} writes. */
  static Value computed(DataType type, long[] shape, int step) {
    return new Value(type, shape, new Storage(elements(shape), step, null));
  }

  /** Another shape over the same elements. */
  Value as(long... other) {
    return new Value(type, other, storage);
  }

  long elements() {
    return elements(shape);
  }

  private static long elements(long[] shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /** Memory for one result, or for a variable that somebody else holds. */
  static final class Storage {
    private final long elements;
    private final int written;
    private INDArray memory;
    private int lastRead;
    private Storage replaced;

    private Storage(long elements, int written, INDArray memory) {
      this.elements = elements;
      this.written = written;
      this.memory = memory;
      this.lastRead = written;
    }

    /** Takes the place of {@code other}, which nobody reads once this is written. */
    void replace(Storage other) {
      Storage first = other.first();
      first.lastRead = Math.max(first.lastRead, lastRead);
      replaced = first;
    }

    /** The storage that had this place first. */
    Storage first() {
      return replaced == null ? this : replaced;
    }

    boolean replacesAnother() {
      return replaced != null;
    }

    void readBy(int step) {
      lastRead = Math.max(lastRead, step);
    }

    long elements() {
      return elements;
    }

    int written() {
      return written;
    }

    /** The last step that reads what is in this place, whoever wrote it. */
    int lastRead() {
      return first().lastRead;
    }

    /** Whether the program still has to find memory for it. */
    boolean homeless() {
      return first().memory == null;
    }

    void liveAt(INDArray home) {
      first().memory = home;
    }

    INDArray memory() {
      return first().memory;
    }
  }
}
