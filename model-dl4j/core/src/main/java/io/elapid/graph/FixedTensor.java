package io.elapid.graph;

import java.util.Arrays;

/**
 * A tensor of the official state dictionary that never changes. It is saved and checked when
 * loaded, but lies in no arena: no rounding of averages may wear it down.
 *
 * @param name official state-dict name
 * @param shape PyTorch's shape
 * @param values elements in row-major order
 */
public record FixedTensor(String name, long[] shape, double[] values) {

  /** Checks that the values fill the shape. */
  public FixedTensor {
    if (Arena.elements(shape) != values.length) {
      throw new IllegalArgumentException(
          "%s%s has %d values".formatted(name, Arrays.toString(shape), values.length));
    }
    shape = shape.clone();
    values = values.clone();
  }

  @Override
  public String toString() {
    return name + Arrays.toString(shape);
  }
}
