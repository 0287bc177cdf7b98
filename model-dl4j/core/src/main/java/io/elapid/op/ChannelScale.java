package io.elapid.op;

import io.elapid.kernel.ChannelScaleKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** One factor per sample and channel: {@code x: (B, C, ...)} times {@code s: (B, C)}. */
public final class ChannelScale extends ElapidOp {
  /** For SameDiff. */
  public ChannelScale() {}

  private ChannelScale(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable x, SDVariable s) {
    return new ChannelScale(graph, x, s).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_channel_scale";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    long[] s = inputs.get(1);
    require(
        x.length >= 2 && x[0] == s[0] && elements(s) == x[0] * x[1],
        "%s and factors %s",
        shape(x),
        shape(s));
    return List.of(x);
  }

  @Override
  public boolean overwrites(int index) {
    return index == 0;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ChannelScaleKernel kernel = kernels.channelScale();
    Tensor x = operands.in(0);
    Tensor s = operands.in(1);
    Tensor y = operands.out(0);
    return () -> kernel.forward(x, s, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new ChannelScaleGradient(sameDiff, andInputs(gradients.get(0))).gradients();
  }
}
