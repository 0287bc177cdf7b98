package io.elapid.graph;

import java.util.Arrays;

/**
 * A tensor's place in a flat arena.
 *
 * @param name official state-dict name
 * @param shape PyTorch's shape
 * @param offset first element, counted from the first parameter
 * @param length number of elements
 */
public record Slot(String name, long[] shape, long offset, long length) {

  /**
   * Whether weight decay applies: not to vectors and scalars, nor to names that end in {@code
   * .bias}, as in all published recipes.
   */
  public boolean decayed() {
    return shape.length > 1 && !name.endsWith(".bias");
  }

  @Override
  public String toString() {
    return name + Arrays.toString(shape);
  }
}
