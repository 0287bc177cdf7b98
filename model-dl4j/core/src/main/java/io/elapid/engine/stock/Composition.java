package io.elapid.engine.stock;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** How an op of ours is written with stock operations. */
@FunctionalInterface
interface Composition {
  /**
   * Adds the operations.
   *
   * @return the op's outputs in their order; those that only its gradient reads may be missing at
   *     the end
   */
  List<SDVariable> compose(Call call);
}
