package io.elapid.op;

import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionKernel.Forward;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution (cross-correlation, zero padding) over an image or a sequence, plain or depthwise, by
 * the backend's kernel or else libnd4j's op.
 *
 * <p>{@code x: (B, C, H, W)} or {@code (B, C, L)}; {@code w: (O, C / groups, kH, kW)} or {@code (O,
 * C / groups, k)}; {@code bias: (O)}; output length {@code floor((n + 2 padding - k) / stride) +
 * 1}, what the last step does not reach being cut off.
 */
public final class Conv2d extends ElapidOp {
  /** For SameDiff. */
  public Conv2d() {}

  private Conv2d(SameDiff graph, ConvSettings settings, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(settings.arguments());
  }

  /** Adds a convolution without bias. */
  public static SDVariable apply(
      SameDiff graph, SDVariable x, SDVariable w, ConvSettings settings) {
    return new Conv2d(graph, settings, w, x).outputVariable();
  }

  /** Adds a convolution with bias. */
  public static SDVariable apply(
      SameDiff graph, SDVariable x, SDVariable w, SDVariable bias, ConvSettings settings) {
    return new Conv2d(graph, settings, w, bias, x).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_conv2d";
  }

  private ConvSettings settings() {
    return ConvSettings.of(this);
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    return List.of(settings().outputShape(this, inputs.get(inputs.size() - 1), inputs.get(0)));
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    long[] w = inputs.get(0);
    return elements(outputShapes(inputs).get(0)) * (elements(w) / w[0]);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    int last = operands.inputs() - 1;
    INDArray w = operands.inputArray(0);
    INDArray x = operands.inputArray(last);
    ConvGeometry geometry = ConvGeometry.of(settings(), x.shape(), w.shape());
    Tensor y = operands.out(0);
    Optional<ConvolutionKernel> kernel = kernels.convolution(geometry.shape(), y.type());
    if (kernel.isPresent()) {
      Optional<Tensor> bias = last > 1 ? Optional.of(operands.in(1)) : Optional.empty();
      Forward call = Forward.linear(operands.in(last), operands.in(0), bias, y);
      return () -> kernel.get().forward(call);
    }
    Optional<INDArray> bias = last > 1 ? Optional.of(operands.inputArray(1)) : Optional.empty();
    return geometry.nativeForward(x, w, bias, operands.outputArray(0));
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    SDVariable x = args()[args().length - 1];
    boolean isData =
        x.getVariableType() == VariableType.PLACEHOLDER
            || x.getVariableType() == VariableType.CONSTANT;
    if (isData && settings().groups() == 1) {
      return new Conv2dWeightGradient(sameDiff, settings(), andInputs(gradients.get(0)))
          .gradients();
    }
    return new Conv2dGradient(sameDiff, settings(), andInputs(gradients.get(0))).gradients();
  }
}
