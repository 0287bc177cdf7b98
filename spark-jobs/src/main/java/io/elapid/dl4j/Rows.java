package io.elapid.dl4j;

import java.util.Iterator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What DL4J takes for training data: one row for each step of a worker. It says which step, and the
 * step finds its pictures itself.
 */
final class Rows {
  /** What a float32 counts exactly. */
  private static final long DIGIT = 1 << 20;

  private Rows() {}

  record At(int worker, long step) {}

  /** Steps of one worker in their order. */
  static Iterator<DataSet> of(int worker, long first, int steps) {
    return IntStream.range(0, steps).mapToObj(step -> row(worker, first + step)).iterator();
  }

  private static DataSet row(int worker, long step) {
    float[] numbers = {
      worker, (float) Math.floorDiv(step, DIGIT), (float) Math.floorMod(step, DIGIT)
    };
    return new DataSet(Nd4j.createFromArray(new float[][] {numbers}), Nd4j.zeros(1, 1));
  }

  static At read(INDArray row) {
    return new At(row.getInt(0), row.getLong(1) * DIGIT + row.getLong(2));
  }
}
