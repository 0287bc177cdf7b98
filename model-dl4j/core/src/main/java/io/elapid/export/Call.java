package io.elapid.export;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.ops.DynamicCustomOp;

/**
 * One operation to be translated: its arguments, its inputs in the ONNX graph, and all shapes, for
 * one picture.
 *
 * @param shapes of the inputs
 * @param results shapes of the outputs
 * @param batched whether the operation depends on the pictures: its results then begin with the
 *     batch
 */
record Call(
    OnnxGraph graph,
    DynamicCustomOp op,
    List<String> inputs,
    List<long[]> shapes,
    List<long[]> results,
    boolean batched) {

  String in(int index) {
    return inputs.get(index);
  }

  String last() {
    return inputs.get(inputs.size() - 1);
  }

  long[] shape(int index) {
    return shapes.get(index);
  }

  /** Size of input {@code index} along a dimension. */
  long size(int index, int dimension) {
    return shapes.get(index)[dimension];
  }

  int attribute(int index) {
    return Math.toIntExact(op.iArgs()[index]);
  }

  double real(int index) {
    return op.tArgs()[index];
  }

  /** An input that depends on the pictures, with the sizes behind the batch changed. */
  String withSizes(String x, long... rest) {
    return graph.reshape(x, LongStream.concat(LongStream.of(0), LongStream.of(rest)).toArray());
  }

  /** One value per channel, to be broadcast over the first input. */
  String perChannel(String values) {
    long[] shape = new long[shape(0).length];
    Arrays.fill(shape, 1);
    shape[1] = size(0, 1);
    return graph.reshape(values, shape);
  }

  /** One value per sample and channel, to be broadcast over the first input. */
  String perMap(String values) {
    long[] rest = new long[shape(0).length - 1];
    Arrays.fill(rest, 1);
    rest[0] = size(0, 1);
    return withSizes(values, rest);
  }

  /** The dimensions of the first input from {@code first} on. */
  long[] dimensionsFrom(int first) {
    return LongStream.range(first, shape(0).length).toArray();
  }
}
