package io.elapid.op;

import io.elapid.kernel.ChannelCopyKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Cuts {@code (B, C, ...)} into parts of given numbers of channels, in order; the numbers add up to
 * C. Its gradient is {@link ChannelConcat}.
 */
public final class ChannelSplit extends ElapidOp {
  /** For SameDiff. */
  public ChannelSplit() {}

  private ChannelSplit(SameDiff graph, long[] sizes, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(sizes);
  }

  /** Adds the op; {@code sizes} are the channels of each part. */
  public static List<SDVariable> apply(SameDiff graph, SDVariable x, long... sizes) {
    return List.of(new ChannelSplit(graph, sizes, x).outputVariables());
  }

  @Override
  public String opName() {
    return "elapid_channel_split";
  }

  @Override
  public int getNumOutputs() {
    return numIArguments();
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    long sum = 0;
    List<long[]> parts = new ArrayList<>();
    for (int i = 0; i < numIArguments(); i++) {
      long[] part = x.clone();
      part[1] = attribute(i);
      require(part[1] > 0, "part %d has %d channels", i, part[1]);
      sum += part[1];
      parts.add(part);
    }
    require(sum == x[1], "parts of %d channels in all for %s", sum, shape(x));
    return parts;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ChannelCopyKernel kernel = kernels.channelCopy();
    Tensor x = operands.in(0);
    List<Tensor> parts = operands.outs(0, operands.outputs());
    return () -> kernel.split(x, parts);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return List.of(ChannelConcat.apply(sameDiff, gradients));
  }
}
