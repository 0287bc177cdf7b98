package io.elapid.op;

import io.elapid.kernel.Tensor;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link BatchMoments}: {@code (dmean, dvariance, moments, mean)} to the gradient of
 * the shard's moments. The statistics of the batch went into the losses of all shards, so their
 * gradients are summed over all. With those sums, in the notation of {@link BatchMoments}:
 *
 * <pre>
 *   dmean_i = n_i / N (sum(dmean) + 2 (mean_i - mean) sum(dvariance))
 *   dvariance_i = (n_i - 1) / N sum(dvariance)
 * </pre>
 */
public final class BatchMomentsGradient extends MeetingOp {
  /** For SameDiff. */
  public BatchMomentsGradient() {}

  BatchMomentsGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_batch_moments_gradient";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    return List.of(inputs.get(2));
  }

  @Override
  double[] share(Operands operands) {
    int channels = operands.in(0).size();
    double[] gradients = MomentSums.numbers(operands.in(0), operands.in(1));
    double[] share = Arrays.copyOf(gradients, 2 * channels + 1);
    share[2 * channels] = ChannelMoments.Parts.of(operands.in(2)).values();
    return share;
  }

  @Override
  void conclude(List<double[]> shares, Operands operands) {
    var moments = ChannelMoments.Parts.of(operands.in(2));
    Tensor mean = operands.in(3);
    var out = ChannelMoments.Parts.of(operands.out(0));
    int channels = out.channels();
    double values = MomentSums.sum(shares, 2 * channels);
    double n = moments.values();
    for (int c = 0; c < channels; c++) {
      double ofMean = MomentSums.sum(shares, c);
      double ofVariance = MomentSums.sum(shares, channels + c);
      double apart = moments.means().at(c) - mean.at(c);
      out.means().put(c, n / values * (ofMean + 2 * apart * ofVariance));
      out.variances().put(c, (n - 1) / values * ofVariance);
    }
    out.putValues(0);
  }
}
