package io.elapid.op;

import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionKernel.InputGradient;
import io.elapid.kernel.ConvolutionKernel.WeightGradient;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Gradient of {@link Conv2d}: {@code (dy, w, [bias], x)} to {@code (dw, [dbias], dx)}. */
public final class Conv2dGradient extends GradientOp {
  /** For SameDiff. */
  public Conv2dGradient() {}

  Conv2dGradient(SameDiff graph, ConvSettings settings, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(settings.arguments());
    addIArgument(inputs.length - 1);
  }

  @Override
  public String opName() {
    return "elapid_conv2d_gradient";
  }

  @Override
  public int getNumOutputs() {
    return attribute(ConvSettings.ARGUMENTS);
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    long[] w = inputs.get(1);
    return 2 * elements(inputs.get(0)) * (elements(w) / w[0]);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    int last = operands.outputs() - 1;
    INDArray w = operands.inputArray(1);
    INDArray x = operands.inputArray(last + 1);
    ConvSettings settings = ConvSettings.of(this);
    ConvGeometry geometry = ConvGeometry.of(settings, x.shape(), w.shape());
    Optional<ConvolutionKernel> kernel =
        kernels.convolution(geometry.shape(), operands.in(0).type());
    return kernel
        .map(ours -> ownCall(operands, ours))
        .orElseGet(() -> nativeCall(operands, geometry, x, w));
  }

  private static Runnable ownCall(Operands operands, ConvolutionKernel kernel) {
    int last = operands.outputs() - 1;
    Tensor dy = operands.in(0);
    InputGradient input = new InputGradient(dy, operands.in(1), operands.out(last));
    Optional<Tensor> dbias = last > 1 ? Optional.of(operands.out(1)) : Optional.empty();
    WeightGradient weight = new WeightGradient(dy, operands.in(last + 1), operands.out(0), dbias);
    return () -> {
      kernel.inputGradient(input);
      kernel.weightGradient(weight);
    };
  }

  private static Runnable nativeCall(
      Operands operands, ConvGeometry geometry, INDArray x, INDArray w) {
    int last = operands.outputs() - 1;
    List<INDArray> inputs = new ArrayList<>(List.of(geometry.image(x), geometry.kernel(w)));
    List<INDArray> outputs = new ArrayList<>();
    outputs.add(geometry.image(operands.outputArray(last)));
    outputs.add(geometry.kernel(operands.outputArray(0)));
    if (last > 1) {
      inputs.add(operands.inputArray(2));
      outputs.add(operands.outputArray(1));
    }
    inputs.add(geometry.image(operands.inputArray(0)));
    return new NativeCall(geometry.op() + "_bp", geometry.arguments(), inputs, outputs);
  }
}
