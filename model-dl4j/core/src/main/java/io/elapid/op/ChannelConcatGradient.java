package io.elapid.op;

import io.elapid.kernel.ChannelCopyKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link ChannelConcat}: {@code (dy, x_1..n)} to {@code (dx_1..n)}; of the parts only
 * the shapes count.
 */
public final class ChannelConcatGradient extends GradientOp {
  /** For SameDiff. */
  public ChannelConcatGradient() {}

  ChannelConcatGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(inputs.length - 1);
  }

  @Override
  public String opName() {
    return "elapid_channel_concat_gradient";
  }

  @Override
  public int getNumOutputs() {
    return attribute(0);
  }

  @Override
  public boolean readsShapeOnly(int index) {
    return index > 0;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ChannelCopyKernel kernel = kernels.channelCopy();
    Tensor dy = operands.in(0);
    List<Tensor> parts = operands.outs(0, operands.outputs());
    return () -> kernel.split(dy, parts);
  }
}
