package io.elapid.op;

import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.ConvolutionKernel.Forward;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
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
    long[] w = inputs.get(0);
    long[] x = inputs.get(inputs.size() - 1);
    ConvSettings s = settings();
    require(
        x.length == w.length && (x.length == 3 || x.length == 4),
        "ranks %d and %d",
        x.length,
        w.length);
    require(
        s.groups() == 1 || s.groups() == x[1],
        "%d groups of %d channels: only plain and depthwise",
        s.groups(),
        x[1]);
    require(
        w[1] == x[1] / s.groups() && w[0] % s.groups() == 0,
        "kernel %dx%d for %d channels",
        w[0],
        w[1],
        x[1]);
    long[] y = x.clone();
    y[1] = w[0];
    int last = x.length - 1;
    y[last] = s.outputWidth(x[last], w[last]);
    if (last == 3) {
      y[2] = s.outputHeight(x[2], w[2]);
    }
    require(elements(y) > 0, "kernel %s is larger than the padded input %s", shape(w), shape(x));
    return List.of(y);
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
    return nativeCall(operands, geometry, x, w);
  }

  private static Runnable nativeCall(
      Operands operands, ConvGeometry geometry, INDArray x, INDArray w) {
    List<INDArray> inputs = new ArrayList<>(List.of(geometry.image(x), geometry.kernel(w)));
    if (operands.inputs() > 2) {
      inputs.add(operands.inputArray(1));
    }
    return new NativeCall(
        geometry.op(),
        geometry.arguments(),
        inputs,
        List.of(geometry.image(operands.outputArray(0))));
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
