package io.elapid.graph;

import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays that have a shape but share their memory: good for asking, not for computing. */
public final class StandIns {
  private DataBuffer scratch;

  /** An array of that shape; its content is anything. */
  public INDArray of(DataType type, long... shape) {
    long elements = Math.max(1, Arena.elements(shape));
    if (scratch == null || scratch.dataType() != type || scratch.length() < elements) {
      // never written, so the system gives it no pages
      scratch = Nd4j.createBuffer(type, elements, false);
    }
    DataBuffer window = Nd4j.createBuffer(scratch, 0, elements);
    return Nd4j.create(window, shape, Nd4j.getStrides(shape, 'c'), 0, 'c', type);
  }
}
