package io.elapid.op;

import io.elapid.kernel.ChannelAffineKernel;
import io.elapid.kernel.KernelSet;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link ChannelAffine}: {@code (dy, x, scale, [bias])} to {@code (dx, dscale,
 * [dbias])}; of bias only the shape counts.
 */
public final class ChannelAffineGradient extends GradientOp {
  /** For SameDiff. */
  public ChannelAffineGradient() {}

  ChannelAffineGradient(SameDiff graph, int offset, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(offset, inputs.length - 1);
  }

  @Override
  public String opName() {
    return "elapid_channel_affine_gradient";
  }

  @Override
  public int getNumOutputs() {
    return attribute(1);
  }

  @Override
  public boolean overwrites(int index) {
    return index < 2;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ChannelAffineKernel kernel = kernels.channelAffine();
    var call =
        new ChannelAffineKernel.Gradient(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            attribute(0),
            operands.out(0),
            operands.out(1),
            operands.outputs() == 3 ? Optional.of(operands.out(2)) : Optional.empty());
    return () -> kernel.gradient(call);
  }
}
