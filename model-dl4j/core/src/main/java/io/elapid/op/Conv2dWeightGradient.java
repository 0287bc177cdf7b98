package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Gradient of a plain {@link Conv2d} on data, in the weights only: {@code (dy, w, x)} to {@code
 * dw}; of w only the shape counts.
 *
 * <p>Sample by sample, the patches of x as a matrix (C kH kW, P) times {@code dy^T}: (P, O); then
 * the samples' sum in order. libnd4j's {@code conv2d_bp} cannot leave out the input's gradient.
 */
public final class Conv2dWeightGradient extends ElapidOp {
  /** For SameDiff. */
  public Conv2dWeightGradient() {}

  private Conv2dWeightGradient(SameDiff graph, ConvSettings settings, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(settings.arguments());
  }

  static List<SDVariable> of(SameDiff graph, ConvSettings settings, SDVariable... inputs) {
    return List.of(new Conv2dWeightGradient(graph, settings, inputs).outputVariables());
  }

  @Override
  public String opName() {
    return "elapid_conv2d_weight_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 1;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    return List.of(inputs.get(1));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ConvSettings settings = ConvSettings.of(this);
    INDArray w = operands.inputArray(1);
    ConvGeometry geometry = ConvGeometry.of(settings, operands.inputArray(2).shape(), w.shape());
    INDArray dy = geometry.image(operands.inputArray(0));
    INDArray x = geometry.image(operands.inputArray(2));
    long taps = w.length() / w.size(0);
    INDArray patches =
        Nd4j.createUninitialized(
            x.dataType(),
            new long[] {
              1, x.size(1), geometry.kernelHeight(), geometry.kernelWidth(), dy.size(2), dy.size(3)
            },
            'c');
    INDArray products =
        Nd4j.createUninitialized(x.dataType(), new long[] {x.size(0), w.size(0), taps}, 'c');
    List<Runnable> steps = new ArrayList<>();
    for (long b = 0; b < x.size(0); b++) {
      INDArray sample =
          x.get(
              NDArrayIndex.interval(b, b + 1),
              NDArrayIndex.all(),
              NDArrayIndex.all(),
              NDArrayIndex.all());
      steps.add(
          new NativeCall("im2col", patchArguments(geometry), List.of(sample), List.of(patches)));
      INDArray gradient = dy.slice(b).reshape('c', w.size(0), dy.size(2) * dy.size(3));
      INDArray matrix = patches.reshape('c', taps, gradient.size(1));
      // A c-ordered (O, taps) is an f-ordered (taps, O), what BLAS writes without a copy.
      INDArray product = products.slice(b).transpose();
      steps.add(
          new NativeCall(
              "matmul", new long[] {0, 1, 0}, List.of(matrix, gradient), List.of(product)));
    }
    Tensor parts = Operands.tensor(products);
    Tensor dw = operands.out(0);
    return () -> {
      steps.forEach(Runnable::run);
      sum(parts, dw);
    };
  }

  private static long[] patchArguments(ConvGeometry geometry) {
    long[] all = geometry.arguments();
    return new long[] {all[0], all[1], all[2], all[3], all[4], all[5], 1, 1, 0};
  }

  private static void sum(Tensor parts, Tensor dw) {
    for (int i = 0; i < dw.size(); i++) {
      double sum = 0;
      for (int b = 0; b < parts.dim(0); b++) {
        sum += parts.at(b * dw.size() + i);
      }
      dw.put(i, sum);
    }
  }
}
