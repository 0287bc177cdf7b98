package io.elapid.analysis;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.ReferenceKernels;
import io.elapid.kernel.Tensor;

/**
 * A batch of feature maps, copied out of a network.
 *
 * @param values (batch, channels, height, width), row by row; not to be changed
 */
public record Maps(int batch, int channels, int height, int width, float[] values) {
  public Maps {
    if (values.length != (long) batch * channels * height * width) {
      throw new IllegalArgumentException(
          "%d values for %d x %d x %d x %d"
              .formatted(values.length, batch, channels, height, width));
    }
  }

  /** Number of maps, whatever the picture or the channel. */
  public int planes() {
    return batch * channels;
  }

  /** Enlarged by bilinear interpolation, as TinyViM's mixer enlarges what it had pooled. */
  Maps enlarged(int factor) {
    if (factor == 1) {
      return this;
    }
    Tensor low = Tensor.zeros(ElementType.FLOAT, batch, channels, height, width);
    for (int i = 0; i < values.length; i++) {
      low.put(i, values[i]);
    }
    long[] shape = {batch, channels, (long) height * factor, (long) width * factor};
    Tensor nothing = Tensor.zeros(ElementType.FLOAT, shape);
    Tensor large = Tensor.zeros(ElementType.FLOAT, shape);
    try (ReferenceKernels kernels = new ReferenceKernels()) {
      kernels.laplace().merge(low, nothing, large);
    }
    float[] all = new float[large.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) large.at(i);
    }
    return new Maps(batch, channels, height * factor, width * factor, all);
  }
}
