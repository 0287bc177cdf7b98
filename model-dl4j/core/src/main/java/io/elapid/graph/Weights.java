package io.elapid.graph;

/** Values of tensors by name: a checkpoint, a random initialisation, a test's filler. */
@FunctionalInterface
public interface Weights {

  /**
   * Values of one tensor.
   *
   * @param name official name in the train form of the network
   * @param shape PyTorch's shape
   * @return the elements in row-major order; the caller does not change them
   */
  double[] values(String name, long... shape);
}
