package io.elapid.op;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Statistics of a whole batch from the {@link ChannelMoments} of its shards (Chan, Golub and
 * LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979). With
 * shards i of n_i values per channel, N together:
 *
 * <pre>
 *   mean = sum(n_i mean_i) / N
 *   variance = sum((n_i - 1) variance_i + n_i (mean_i - mean)^2) / N
 * </pre>
 *
 * Added in double in the order of the shards, so that who holds which shard makes no difference.
 */
public final class BatchMoments extends MeetingOp {
  /** For SameDiff. */
  public BatchMoments() {}

  private BatchMoments(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /**
   * Outputs, each (C).
   *
   * @param variance biased: what the batch is normalised by
   * @param unbiased for running averages; propagates no gradient
   */
  public record Outputs(SDVariable mean, SDVariable variance, SDVariable unbiased) {}

  /** Adds the op behind the moments of a shard. */
  public static Outputs apply(SameDiff graph, SDVariable moments) {
    SDVariable[] out = new BatchMoments(graph, moments).outputVariables();
    return new Outputs(out[0], out[1], out[2]);
  }

  @Override
  public String opName() {
    return "elapid_batch_moments";
  }

  @Override
  public int getNumOutputs() {
    return 3;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long length = elements(inputs.get(0));
    require(length % 2 == 1, "moments of length %d", length);
    long[] channels = {length / 2};
    return List.of(channels, channels, channels);
  }

  @Override
  double[] share(Operands operands) {
    return MomentSums.numbers(operands.in(0));
  }

  @Override
  void conclude(List<double[]> shares, Operands operands) {
    int channels = operands.out(0).size();
    double values = MomentSums.sum(shares, 2 * channels);
    for (int c = 0; c < channels; c++) {
      double mean = 0;
      for (double[] shard : shares) {
        mean += shard[2 * channels] * shard[c];
      }
      mean /= values;
      double squares = 0;
      for (double[] shard : shares) {
        double n = shard[2 * channels];
        double apart = shard[c] - mean;
        squares += (n - 1) * shard[channels + c] + n * apart * apart;
      }
      operands.out(0).put(c, mean);
      operands.out(1).put(c, squares / values);
      operands.out(2).put(c, squares / Math.max(1, values - 1));
    }
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return List.of(
        new BatchMomentsGradient(sameDiff, gradients.get(0), gradients.get(1), arg(0), output(0))
            .outputVariable());
  }
}
