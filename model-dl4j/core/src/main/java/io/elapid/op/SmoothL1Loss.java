package io.elapid.op;

import io.elapid.kernel.LossKernel;
import io.elapid.kernel.LossKernel.Result;
import io.elapid.kernel.LossKernel.Targets;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Absolute differences of predictions and targets {@code (N, A K, ...)}, quadratic below {@code
 * beta}, with one weight per difference or per K of them, {@code (N, A, ...)}: summed and divided.
 *
 * @see LossKernel#smoothL1
 */
public final class SmoothL1Loss extends DenseLoss {
  /** For SameDiff. */
  public SmoothL1Loss() {}

  private SmoothL1Loss(SameDiff graph, double beta, SDVariable... inputs) {
    super(graph, inputs);
    addTArgument(beta);
  }

  /**
   * Adds the op.
   *
   * @param divisor one number
   * @param beta where the loss becomes linear; 0 for plain absolute differences
   */
  public static SDVariable apply(
      SameDiff graph,
      SDVariable predictions,
      SDVariable targets,
      SDVariable weights,
      SDVariable divisor,
      double beta) {
    if (!(beta >= 0)) {
      throw new IllegalArgumentException("smooth L1 loss with beta " + beta);
    }
    return new SmoothL1Loss(graph, beta, predictions, divisor, targets, weights)
        .outputVariables()[0];
  }

  @Override
  public String opName() {
    return "elapid_smooth_l1_loss";
  }

  @Override
  void requireTargets(long[] x, long[] targets) {
    require(Arrays.equals(x, targets), "predictions %s and targets %s", shape(x), shape(targets));
  }

  @Override
  Runnable bind(LossKernel kernel, Tensor x, Targets targets, Result result) {
    double beta = tArguments.get(0);
    return () -> kernel.smoothL1(x, targets, beta, result);
  }
}
