package io.elapid.kernel;

import java.util.List;

/** Sums of tensors of one shape. */
public interface SumKernel {
  /** {@code y = ((x0 + x1) + x2) + ...}; {@code y} may be one of the terms. */
  void sum(List<Tensor> terms, Tensor y);
}
