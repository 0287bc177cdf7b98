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
    return new Value(array.dataType(), array.shape(), new Storage(Role.INPUT, -1, array));
  }

  /** An array whose content never changes. */
  static Value constant(INDArray array) {
    return new Value(array.dataType(), array.shape(), new Storage(Role.CONSTANT, -1, array));
  }

  /** What step number {@code step} writes. */
  static Value computed(DataType type, long[] shape, int step) {
    return new Value(type, shape, new Storage(Role.COMPUTED, step, null));
  }

  /** Another shape over the same elements. */
  Value as(long... other) {
    return new Value(type, other, storage);
  }

  long elements() {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  boolean constant() {
    return storage.role == Role.CONSTANT;
  }

  boolean sameShape(Value other) {
    return Arrays.equals(shape, other.shape);
  }

  enum Role {
    INPUT,
    CONSTANT,
    COMPUTED
  }

  /** Memory for one result, or for a variable that somebody else holds. */
  static final class Storage {
    private final Role role;
    private final int written;
    private INDArray memory;
    private int lastRead;

    private Storage(Role role, int written, INDArray memory) {
      this.role = role;
      this.written = written;
      this.memory = memory;
      this.lastRead = written;
    }

    void readBy(int step) {
      lastRead = Math.max(lastRead, step);
    }

    int written() {
      return written;
    }

    int lastRead() {
      return lastRead;
    }

    /** Whether the program still has to find memory for it. */
    boolean homeless() {
      return memory == null;
    }

    void liveAt(INDArray home) {
      memory = home;
    }

    INDArray memory() {
      return memory;
    }
  }
}
