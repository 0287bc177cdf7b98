package io.elapid.op;

import io.elapid.kernel.ChannelAffineKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link ChannelMoments}: {@code (dmoments, x, moments)} to dx. With n values per
 * channel: {@code dx = dmean / n + 2 (x - mean) dvariance / (n - 1)}.
 */
public final class ChannelMomentsGradient extends GradientOp {
  /** For SameDiff. */
  public ChannelMomentsGradient() {}

  ChannelMomentsGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_channel_moments_gradient";
  }

  @Override
  public boolean overwrites(int index) {
    return index == 1;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ChannelAffineKernel kernel = kernels.channelAffine();
    var gradient = ChannelMoments.Parts.of(operands.in(0));
    Tensor x = operands.in(1);
    var moments = ChannelMoments.Parts.of(operands.in(2));
    Tensor slopes = Tensor.zeros(x.type(), moments.channels());
    Tensor offsets = Tensor.zeros(x.type(), moments.channels());
    var call =
        new ChannelAffineKernel.Forward(
            x, slopes, 0, Optional.of(offsets), Optional.empty(), operands.out(0));
    return () -> {
      kernels.settle();
      double values = moments.values();
      for (int c = 0; c < moments.channels(); c++) {
        double slope = 2 * gradient.variances().at(c) / Math.max(1, values - 1);
        slopes.put(c, slope);
        offsets.put(c, gradient.means().at(c) / values - slope * moments.means().at(c));
      }
      kernel.forward(call);
    };
  }
}
