package io.elapid.backend.cuda;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.Tensor;
import java.util.Random;

/** Tensors of random numbers. */
final class Filled {
  private final Random random;

  Filled(long seed) {
    random = new Random(seed);
  }

  /** Uniform between the bounds. */
  Tensor tensor(double low, double high, long... shape) {
    Tensor tensor = empty(shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.put(i, low + (high - low) * random.nextDouble());
    }
    return tensor;
  }

  /** Of a value that no kernel may leave. */
  static Tensor empty(long... shape) {
    Tensor tensor = Tensor.zeros(ElementType.FLOAT, shape);
    tensor.fill(Double.NaN);
    return tensor;
  }
}
