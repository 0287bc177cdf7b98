package io.elapid.checkpoint;

import io.elapid.checkpoint.pickle.PickleException;
import io.elapid.checkpoint.pickle.PyTuple;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor as PyTorch pickles it: a window on a storage that others may share.
 *
 * @param offset first element in the storage
 * @param stride elements from one index to the next, per dimension; 0 repeats
 */
record TorchTensor(TorchStorage storage, DType type, long offset, long[] shape, long[] stride) {
  private static final int MAX_RANK = 64;

  /**
   * A window of the storage's own type, or of another on bytes.
   *
   * @throws PickleException if it does not lie in its storage
   */
  static TorchTensor of(TorchStorage storage, DType type, long offset, PyTuple size, PyTuple step) {
    if (size.size() > MAX_RANK || step.size() != size.size()) {
      throw new PickleException(
          "has a tensor of rank %d with %d strides".formatted(size.size(), step.size()));
    }
    TorchTensor tensor = new TorchTensor(storage, type, offset, longs(size), longs(step));
    if (offset < 0 || tensor.reach() > storage.bytes() / type.bytes()) {
      throw new PickleException(
          "has a tensor of shape %s, strides %s, offset %d outside its storage of %d elements"
              .formatted(
                  Arrays.toString(tensor.shape),
                  Arrays.toString(tensor.stride),
                  offset,
                  storage.elements()));
    }
    return tensor;
  }

  private static long[] longs(PyTuple tuple) {
    long[] values = new long[tuple.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tuple.get(i, Long.class);
    }
    return values;
  }

  /** Elements of the storage that must be there. */
  private long reach() {
    try {
      long last = offset;
      long elements = 1;
      for (int d = 0; d < shape.length; d++) {
        if (shape[d] < 0 || stride[d] < 0) {
          return Long.MAX_VALUE;
        }
        elements = Math.multiplyExact(elements, shape[d]);
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, shape[d] - 1), stride[d]));
      }
      Math.multiplyExact(elements, type.bytes());
      return elements == 0 ? 0 : Math.addExact(last, 1);
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  long bytes() {
    return Arrays.stream(shape).reduce(type.bytes(), (a, b) -> a * b);
  }

  /** The elements in row-major order: the storage's own memory where they lie there like that. */
  NamedTensor dense(String name, TorchStorages storages) throws IOException {
    if (bytes() == 0) {
      return new NamedTensor(name, type, shape, ByteBuffer.allocate(0));
    }
    ByteBuffer all = storages.load(storage);
    if (isDense()) {
      return new NamedTensor(
          name, type, shape, all.slice((int) (offset * type.bytes()), (int) bytes()));
    }
    storages.claim(name, bytes());
    ByteBuffer copy = ByteBuffer.allocateDirect((int) bytes()).order(ByteOrder.nativeOrder());
    gather(all, copy);
    return new NamedTensor(name, type, shape, copy.flip());
  }

  private boolean isDense() {
    long expected = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      if (shape[d] != 1 && stride[d] != expected) {
        return false;
      }
      expected *= shape[d];
    }
    return true;
  }

  private void gather(ByteBuffer all, ByteBuffer copy) {
    long[] index = new long[shape.length];
    while (copy.hasRemaining()) {
      long element = offset;
      for (int d = 0; d < shape.length; d++) {
        element += index[d] * stride[d];
      }
      copy.put(all.slice((int) (element * type.bytes()), type.bytes()));
      for (int d = shape.length - 1; d >= 0 && ++index[d] == shape[d]; d--) {
        index[d] = 0;
      }
    }
  }
}
