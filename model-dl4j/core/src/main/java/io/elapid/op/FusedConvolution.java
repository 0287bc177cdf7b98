package io.elapid.op;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.ChannelAffineKernel;
import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code act(scale[o] (w * x) + shift[o])}: a {@link Conv2d} with what follows it, from {@code (w,
 * x)}, {@code (w, x, shift)} or {@code (w, x, scale, shift)}. An operation of compiled programs: it
 * has no gradient.
 */
public final class FusedConvolution extends ElapidOp {
  private FusedConvolution() {}

  /** The operation for the geometry of {@code convolution} with an activation behind it. */
  public static FusedConvolution of(Conv2d convolution, ActivationKind activation) {
    FusedConvolution op = new FusedConvolution();
    op.addIArgument(ConvSettings.of(convolution).arguments());
    op.addIArgument(activation.code());
    return op;
  }

  /** The operation for the geometry of another with another activation behind it. */
  public static FusedConvolution like(FusedConvolution other, ActivationKind activation) {
    FusedConvolution op = new FusedConvolution();
    op.addIArgument(ConvSettings.of(other).arguments());
    op.addIArgument(activation.code());
    return op;
  }

  /** What is behind the convolution. */
  public ActivationKind activation() {
    return ActivationKind.ofCode(attribute(ConvSettings.ARGUMENTS));
  }

  @Override
  public String opName() {
    return "elapid_fused_convolution";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] w = inputs.get(0);
    requireChannels(inputs, 2, w[0]);
    return List.of(ConvSettings.of(this).outputShape(this, inputs.get(1), w));
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    long[] w = inputs.get(0);
    return elements(outputShapes(inputs).get(0)) * (elements(w) / w[0]);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    INDArray w = operands.inputArray(0);
    INDArray x = operands.inputArray(1);
    ConvGeometry geometry = ConvGeometry.of(ConvSettings.of(this), x.shape(), w.shape());
    int last = operands.inputs() - 1;
    ConvolutionKernel.Forward call =
        new ConvolutionKernel.Forward(
            operands.in(1),
            operands.in(0),
            last > 2 ? Optional.of(operands.in(2)) : Optional.empty(),
            last > 1 ? Optional.of(operands.in(last)) : Optional.empty(),
            activation(),
            operands.out(0));
    Optional<ConvolutionKernel> kernel = kernels.convolution(geometry.shape(), call.y().type());
    if (kernel.isPresent()) {
      return () -> kernel.get().forward(call);
    }
    Runnable product = geometry.nativeForward(x, w, Optional.empty(), operands.outputArray(0));
    Runnable ending = ending(kernels, call);
    return () -> {
      product.run();
      ending.run();
    };
  }

  /** What follows the convolution, in place. */
  private static Runnable ending(KernelSet kernels, ConvolutionKernel.Forward call) {
    Tensor y = call.y();
    Tensor scale = call.scale().orElseGet(() -> ones(y));
    ChannelAffineKernel.Forward affine =
        new ChannelAffineKernel.Forward(y, scale, 0, call.shift(), Optional.empty(), y);
    return () -> {
      if (call.scale().isPresent() || call.shift().isPresent()) {
        kernels.channelAffine().forward(affine);
      }
      if (call.activation() != ActivationKind.IDENTITY) {
        kernels.activation().forward(call.activation(), y, y);
      }
    };
  }

  private static Tensor ones(Tensor y) {
    Tensor ones = Tensor.zeros(y.type(), y.dim(1));
    ones.fill(1);
    return ones;
  }
}
