package io.elapid.engine.stock;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One op to be composed: its arguments, its inputs in the stock graph, and all shapes.
 *
 * @param shapes of the inputs
 * @param results shapes of the outputs
 */
record Call(
    SameDiff graph,
    DynamicCustomOp op,
    DataType type,
    List<SDVariable> inputs,
    List<long[]> shapes,
    List<long[]> results) {

  SDVariable in(int index) {
    return inputs.get(index);
  }

  SDVariable last() {
    return inputs.get(inputs.size() - 1);
  }

  long[] shape(int index) {
    return shapes.get(index);
  }

  /** Size of input {@code index} along a dimension. */
  int size(int index, int dimension) {
    return Math.toIntExact(shapes.get(index)[dimension]);
  }

  int attribute(int index) {
    return Math.toIntExact(op.iArgs()[index]);
  }

  double real(int index) {
    return op.tArgs()[index];
  }

  SDVariable reshape(SDVariable x, long... shape) {
    return graph.reshape(x, shape);
  }

  /** Input {@code index} in that shape. */
  SDVariable shaped(int index, long... shape) {
    return graph.reshape(in(index), shape);
  }

  /** One value per channel, to be broadcast over the first input. */
  SDVariable perChannel(SDVariable values) {
    long[] shape = ones();
    shape[1] = size(0, 1);
    return reshape(values, shape);
  }

  /** One value per sample, to be broadcast over the first input. */
  SDVariable perSample(SDVariable values) {
    long[] shape = ones();
    shape[0] = size(0, 0);
    return reshape(values, shape);
  }

  /** One value per sample and channel, to be broadcast over the first input. */
  SDVariable perMap(SDVariable values) {
    long[] shape = ones();
    shape[0] = size(0, 0);
    shape[1] = size(0, 1);
    return reshape(values, shape);
  }

  private long[] ones() {
    long[] shape = new long[shape(0).length];
    Arrays.fill(shape, 1);
    return shape;
  }

  /** The dimensions of the first input from {@code first} on. */
  int[] dimensionsFrom(int first) {
    return IntStream.range(first, shape(0).length).toArray();
  }

  SDVariable zeros(long... shape) {
    return graph.constant(Nd4j.zeros(type, shape));
  }

  SDVariable constant(double[][] matrix) {
    INDArray array = Nd4j.createFromArray(matrix).castTo(type);
    return graph.constant(array);
  }

  SDVariable sigmoid(SDVariable x) {
    return graph.nn().sigmoid(x);
  }

  static List<SDVariable> one(SDVariable result) {
    return List.of(result);
  }
}
