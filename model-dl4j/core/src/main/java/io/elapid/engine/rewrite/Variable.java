package io.elapid.engine.rewrite;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What is known of a variable before anything runs.
 *
 * @param constant its content, if that never changes; else null
 */
public record Variable(DataType type, long[] shape, INDArray constant) {
  /** A variable whose content every run decides. */
  public static Variable of(DataType type, long... shape) {
    return new Variable(type, shape, null);
  }

  /** A variable with content. */
  public static Variable constant(INDArray content) {
    return new Variable(content.dataType(), content.shape(), content);
  }

  public boolean isConstant() {
    return constant != null;
  }

  /** Whether both have the same shape. */
  public boolean hasShapeOf(Variable other) {
    return Arrays.equals(shape, other.shape);
  }
}
