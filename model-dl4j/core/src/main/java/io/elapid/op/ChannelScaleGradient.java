package io.elapid.op;

import io.elapid.kernel.ChannelScaleKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link ChannelScale}: {@code (dy, x, s)} to {@code (dx, ds)}. */
public final class ChannelScaleGradient extends GradientOp {
  /** For SameDiff. */
  public ChannelScaleGradient() {}

  ChannelScaleGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_channel_scale_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  public boolean overwrites(int index) {
    return index < 2;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ChannelScaleKernel kernel = kernels.channelScale();
    Tensor dy = operands.in(0);
    Tensor x = operands.in(1);
    Tensor s = operands.in(2);
    Tensor dx = operands.out(0);
    Tensor ds = operands.out(1);
    return () -> kernel.gradient(dy, x, s, dx, ds);
  }
}
