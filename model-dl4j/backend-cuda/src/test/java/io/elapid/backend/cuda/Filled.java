package io.elapid.backend.cuda;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Tensors of random numbers. */
final class Filled {
  private static final int MOST_DRAWN = 1_000_003;

  private final Random random;

  Filled(long seed) {
    random = new Random(seed);
  }

  /** Uniform between the bounds; repeats itself behind so many values, to be quick. */
  Tensor tensor(double low, double high, long... shape) {
    Tensor tensor = Tensor.zeros(ElementType.FLOAT, shape);
    int drawn = (int) Math.min(tensor.size(), MOST_DRAWN);
    for (int i = 0; i < drawn; i++) {
      tensor.put(i, low + (high - low) * random.nextDouble());
    }
    ByteBuffer bytes = tensor.bytes();
    int filled = drawn * Float.BYTES;
    while (filled < bytes.capacity()) {
      int copied = Math.min(filled, bytes.capacity() - filled);
      bytes.put(filled, bytes, 0, copied);
      filled += copied;
    }
    return tensor;
  }

  /** Of numbers that a kind of storage has. */
  Tensor stored(Storage storage, double low, double high, long... shape) {
    Tensor tensor = tensor(low, high, shape);
    ByteBuffer bytes = tensor.bytes();
    ByteBuffer stored = ByteBuffer.allocateDirect(bytes.capacity()).order(ByteOrder.nativeOrder());
    storage.put(bytes, 0, bytes.capacity(), stored);
    storage.get(stored, bytes, 0, bytes.capacity());
    return tensor;
  }

  /** Of a value that no kernel may leave. */
  static Tensor empty(long... shape) {
    Tensor tensor = Tensor.zeros(ElementType.FLOAT, shape);
    tensor.fill(Double.NaN);
    return tensor;
  }
}
