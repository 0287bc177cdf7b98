package io.elapid.op;

import io.elapid.kernel.ElementType;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arrays of one call as dense c-order memory.
 *
 * <p>Dense arrays, at whatever offset of their buffer, are used in place. A strided or f-ordered
 * one gets a dense scratch array that {@link #copying} fills before, or copies back after, the
 * call.
 */
final class Operands {
  private final List<INDArray> inputs;
  private final List<INDArray> outputs;
  private final List<INDArray> denseInputs = new ArrayList<>();
  private final List<INDArray> denseOutputs = new ArrayList<>();

  Operands(List<INDArray> inputs, List<INDArray> outputs) {
    this.inputs = inputs;
    this.outputs = outputs;
    inputs.forEach(a -> denseInputs.add(dense(a)));
    outputs.forEach(a -> denseOutputs.add(dense(a)));
  }

  int inputs() {
    return inputs.size();
  }

  int outputs() {
    return outputs.size();
  }

  /** Input {@code index}, dense. */
  INDArray inputArray(int index) {
    return denseInputs.get(index);
  }

  /** Output {@code index}, dense. */
  INDArray outputArray(int index) {
    return denseOutputs.get(index);
  }

  Tensor in(int index) {
    return tensor(denseInputs.get(index));
  }

  Tensor out(int index) {
    return tensor(denseOutputs.get(index));
  }

  /** Shapes of the inputs from {@code from} on. */
  List<long[]> inputShapes(int from) {
    return inputs.subList(from, inputs.size()).stream().map(INDArray::shape).toList();
  }

  List<Tensor> ins(int from, int to) {
    return denseInputs.subList(from, to).stream().map(Operands::tensor).toList();
  }

  List<Tensor> outs(int from, int to) {
    return denseOutputs.subList(from, to).stream().map(Operands::tensor).toList();
  }

  /**
   * {@code call}, by those kernels, with the copies that strided operands need; {@code call} itself
   * when there are none.
   */
  Runnable copying(Runnable call, KernelSet kernels) {
    if (sameArrays(inputs, denseInputs) && sameArrays(outputs, denseOutputs)) {
      return call;
    }
    return () -> {
      kernels.settle();
      copy(inputs, denseInputs);
      call.run();
      kernels.settle();
      copy(denseOutputs, outputs);
    };
  }

  private static void copy(List<INDArray> from, List<INDArray> to) {
    for (int i = 0; i < from.size(); i++) {
      if (!isSame(from.get(i), to.get(i))) {
        to.get(i).assign(from.get(i));
      }
    }
  }

  private static boolean sameArrays(List<INDArray> a, List<INDArray> b) {
    for (int i = 0; i < a.size(); i++) {
      if (!isSame(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  @SuppressWarnings(
      "ReferenceEquality") // equality of contents says nothing about who owns the memory
  private static boolean isSame(INDArray a, INDArray b) {
    return a == b;
  }

  private static INDArray dense(INDArray array) {
    return isDense(array) ? array : Nd4j.createUninitialized(array.dataType(), array.shape(), 'c');
  }

  private static boolean isDense(INDArray array) {
    long expected = 1;
    for (int i = array.rank() - 1; i >= 0; i--) {
      if (array.size(i) != 1 && array.stride(i) != expected) {
        return false;
      }
      expected *= array.size(i);
    }
    return true;
  }

  static Tensor tensor(INDArray array) {
    ElementType type =
        switch (array.dataType()) {
          case FLOAT -> ElementType.FLOAT;
          case DOUBLE -> ElementType.DOUBLE;
          default ->
              throw new IllegalArgumentException(
                  "kernels compute in FLOAT or DOUBLE, not " + array.dataType());
        };
    return Tensor.over(memory(array, array.length() * type.bytes()), type, array.shape());
  }

  /**
   * The array's memory. The buffer does not keep it alive: whoever holds the call must hold the
   * array too.
   */
  private static ByteBuffer memory(INDArray array, long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "an array of "
              + bytes
              + " bytes is beyond the reach of the CPU kernels (2 GiB); use a smaller batch");
    }
    BytePointer pointer = new BytePointer(array.data().addressPointer());
    long start = pointer.position();
    pointer.capacity(start + bytes);
    pointer.limit(start + bytes);
    return pointer.asByteBuffer();
  }
}
