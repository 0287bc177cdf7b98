package io.elapid.op;

import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionKernel.WeightGradient;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Gradient of a plain {@link Conv2d} on data, in the weights only: {@code (dy, w, [bias], x)} to
 * {@code (dw, [dbias])}; of w and bias only the shapes count.
 *
 * <p>Where the backend has no kernel for it: sample by sample, the patches of x as a matrix (C kH
 * kW, P), with a row of ones below for the bias, times {@code dy^T}: (P, O); then the samples' sum
 * in order. libnd4j's {@code conv2d_bp} cannot leave out the input's gradient.
 */
public final class Conv2dWeightGradient extends GradientOp {
  /** For SameDiff. */
  public Conv2dWeightGradient() {}

  Conv2dWeightGradient(SameDiff graph, ConvSettings settings, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(settings.arguments());
    addIArgument(inputs.length - 2);
  }

  @Override
  public String opName() {
    return "elapid_conv2d_weight_gradient";
  }

  @Override
  public int getNumOutputs() {
    return attribute(ConvSettings.ARGUMENTS);
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    long[] w = inputs.get(1);
    return elements(inputs.get(0)) * (elements(w) / w[0]);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    INDArray w = operands.inputArray(1);
    INDArray data = operands.inputArray(operands.inputs() - 1);
    ConvGeometry geometry = ConvGeometry.of(ConvSettings.of(this), data.shape(), w.shape());
    Optional<ConvolutionKernel> kernel =
        kernels.convolution(geometry.shape(), operands.in(0).type());
    return kernel
        .map(ours -> ownCall(operands, ours))
        .orElseGet(() -> nativeCall(operands, geometry, data, w));
  }

  private static Runnable ownCall(Operands operands, ConvolutionKernel kernel) {
    Tensor x = operands.in(operands.inputs() - 1);
    Optional<Tensor> dbias =
        operands.outputs() > 1 ? Optional.of(operands.out(1)) : Optional.empty();
    WeightGradient call = new WeightGradient(operands.in(0), x, operands.out(0), dbias);
    return () -> kernel.weightGradient(call);
  }

  private static Runnable nativeCall(
      Operands operands, ConvGeometry geometry, INDArray data, INDArray w) {
    INDArray dy = geometry.image(operands.inputArray(0));
    INDArray x = geometry.image(data);
    long taps = w.length() / w.size(0);
    long rows = taps + operands.outputs() - 1;
    INDArray matrix = Nd4j.ones(x.dataType(), rows, dy.size(2) * dy.size(3));
    INDArray patches = patches(matrix, taps, geometry, x, dy);
    INDArray products =
        Nd4j.createUninitialized(x.dataType(), new long[] {x.size(0), w.size(0), rows}, 'c');
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
      // A c-ordered (O, rows) is an f-ordered (rows, O), what BLAS writes without a copy.
      INDArray product = products.slice(b).transpose();
      steps.add(
          new NativeCall(
              "matmul", new long[] {0, 1, 0}, List.of(matrix, gradient), List.of(product)));
    }
    Tensor parts = Operands.tensor(products);
    List<Tensor> sums = operands.outs(0, operands.outputs());
    return () -> {
      steps.forEach(Runnable::run);
      sum(parts, sums);
    };
  }

  /** The first rows of the matrix as im2col writes them. */
  private static INDArray patches(
      INDArray matrix, long taps, ConvGeometry geometry, INDArray x, INDArray dy) {
    return matrix
        .get(NDArrayIndex.interval(0, taps), NDArrayIndex.all())
        .reshape(
            'c',
            1,
            x.size(1),
            geometry.shape().kernelHeight(),
            geometry.shape().kernelWidth(),
            dy.size(2),
            dy.size(3));
  }

  private static long[] patchArguments(ConvGeometry geometry) {
    long[] all = geometry.arguments();
    return new long[] {all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7], 0};
  }

  /** Adds up {@code (B, O, rows)} over B; a row beyond the taps of a weight is the bias. */
  private static void sum(Tensor parts, List<Tensor> sums) {
    int taps = sums.get(0).sizeFrom(1);
    int rows = parts.dim(2);
    for (int i = 0; i < parts.sizeFrom(1); i++) {
      double sum = 0;
      for (int b = 0; b < parts.dim(0); b++) {
        sum += parts.at(b * parts.sizeFrom(1) + i);
      }
      if (i % rows < taps) {
        sums.get(0).put(i / rows * taps + i % rows, sum);
      } else {
        sums.get(1).put(i / rows, sum);
      }
    }
  }
}
