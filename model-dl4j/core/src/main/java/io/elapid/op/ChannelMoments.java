package io.elapid.op;

import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * What a shard knows of the statistics of {@code x: (B, C, ...)}: one vector of C means, C unbiased
 * variances, and the number of values that a channel has, see {@link BatchNormKernel}.
 */
public final class ChannelMoments extends ElapidOp {
  /** For SameDiff. */
  public ChannelMoments() {}

  private ChannelMoments(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op; the result is (2 C + 1). */
  public static SDVariable apply(SameDiff graph, SDVariable x) {
    return new ChannelMoments(graph, x).outputVariable();
  }

  /** Parts of such a vector, or of its gradient. */
  record Parts(Tensor means, Tensor variances, Tensor all) {
    static Parts of(Tensor all) {
      int channels = (all.size() - 1) / 2;
      return new Parts(part(all, 0, channels), part(all, channels, channels), all);
    }

    private static Tensor part(Tensor all, int from, int length) {
      int width = all.type().bytes();
      return Tensor.over(all.bytes().slice(from * width, length * width), all.type(), length);
    }

    int channels() {
      return means.size();
    }

    /** Values of a channel. */
    double values() {
      return all.at(all.size() - 1);
    }

    void putValues(double values) {
      all.put(all.size() - 1, values);
    }
  }

  @Override
  public String opName() {
    return "elapid_channel_moments";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    require(x.length >= 2, "input of rank %d", x.length);
    return List.of(new long[] {2 * x[1] + 1});
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    BatchNormKernel kernel = kernels.batchNorm();
    Tensor x = operands.in(0);
    Parts out = Parts.of(operands.out(0));
    var call = new BatchNormKernel.Moments(x, out.means(), out.variances());
    return () -> {
      kernel.moments(call);
      kernels.settle();
      out.putValues((double) x.size() / x.dim(1));
    };
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new ChannelMomentsGradient(sameDiff, gradients.get(0), arg(0), output(0)).gradients();
  }
}
