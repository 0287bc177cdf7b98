package io.elapid.op;

import io.elapid.kernel.LossKernel;
import io.elapid.kernel.LossKernel.Result;
import io.elapid.kernel.LossKernel.Targets;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Sigmoid focal loss of logits {@code (N, A K, ...)} against labels {@code (N, A, ...)}, or {@code
 * (N, K)} against {@code (N)}: summed and divided. Labels are 0 to K - 1, K for the background and
 * -1 for what does not count.
 *
 * @see LossKernel#focal
 */
public final class FocalLoss extends DenseLoss {
  /** For SameDiff. */
  public FocalLoss() {}

  private FocalLoss(SameDiff graph, double alpha, double gamma, SDVariable... inputs) {
    super(graph, inputs);
    addTArgument(alpha, gamma);
  }

  /**
   * Adds the op.
   *
   * @param divisor one number
   * @param alpha weight of an anchor's own class, 0 to 1
   * @param gamma exponent, at least 0
   */
  public static SDVariable apply(
      SameDiff graph,
      SDVariable logits,
      SDVariable labels,
      SDVariable divisor,
      double alpha,
      double gamma) {
    check(alpha, gamma);
    return new FocalLoss(graph, alpha, gamma, logits, divisor, labels).outputVariables()[0];
  }

  /** As {@link #apply}, with a weight for each label. */
  public static SDVariable weighted(
      SameDiff graph,
      SDVariable logits,
      SDVariable labels,
      SDVariable weights,
      SDVariable divisor,
      double alpha,
      double gamma) {
    check(alpha, gamma);
    return new FocalLoss(graph, alpha, gamma, logits, divisor, labels, weights)
        .outputVariables()[0];
  }

  private static void check(double alpha, double gamma) {
    if (!(alpha >= 0 && alpha <= 1 && gamma >= 0)) {
      throw new IllegalArgumentException("focal loss with alpha " + alpha + ", gamma " + gamma);
    }
  }

  @Override
  public String opName() {
    return "elapid_focal_loss";
  }

  @Override
  void requireTargets(long[] x, long[] labels) {
    requireGroups(x, labels, "labels");
  }

  @Override
  Runnable bind(LossKernel kernel, Tensor x, Targets targets, Result result) {
    double alpha = tArguments.get(0);
    double gamma = tArguments.get(1);
    return () -> kernel.focal(x, targets, alpha, gamma, result);
  }
}
