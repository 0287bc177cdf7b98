package io.elapid.op;

import io.elapid.kernel.ChannelCopyKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Joins {@code (B, C_i, ...)} to {@code (B, sum(C_i), ...)}, in order. */
public final class ChannelConcat extends ElapidOp {
  /** For SameDiff. */
  public ChannelConcat() {}

  private ChannelConcat(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, List<SDVariable> parts) {
    return new ChannelConcat(graph, parts.toArray(SDVariable[]::new)).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_channel_concat";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] whole = inputs.get(0).clone();
    for (long[] part : inputs.subList(1, inputs.size())) {
      long[] fitting = whole.clone();
      fitting[1] = part[1];
      require(
          Arrays.equals(part, fitting),
          "parts %s and %s do not fit",
          shape(inputs.get(0)),
          shape(part));
      whole[1] += part[1];
    }
    return List.of(whole);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ChannelCopyKernel kernel = kernels.channelCopy();
    List<Tensor> parts = operands.ins(0, operands.inputs());
    Tensor y = operands.out(0);
    return () -> kernel.concatenate(parts, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new ChannelConcatGradient(sameDiff, andInputs(gradients.get(0))).gradients();
  }
}
