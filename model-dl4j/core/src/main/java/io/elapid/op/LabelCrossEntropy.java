package io.elapid.op;

import io.elapid.kernel.LossKernel;
import io.elapid.kernel.LossKernel.Result;
import io.elapid.kernel.LossKernel.Targets;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Softmax cross-entropy of logits against labels, 0 to K - 1: {@code (N, K)} against {@code (N)},
 * maps {@code (N, K, H, W)} against {@code (N, H, W)}, or {@code (N, A K, ...)} against {@code (N,
 * A, ...)}; summed and divided.
 *
 * @see LossKernel#crossEntropy
 */
public final class LabelCrossEntropy extends DenseLoss {
  /** For SameDiff. */
  public LabelCrossEntropy() {}

  private LabelCrossEntropy(SameDiff graph, int ignored, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(ignored);
  }

  /**
   * Adds the op for labels that all count the same.
   *
   * @param divisor one number: the number of labels for a mean over all, ignored ones included
   * @param ignored label that does not count
   */
  public static SDVariable apply(
      SameDiff graph, SDVariable logits, SDVariable labels, SDVariable divisor, int ignored) {
    return new LabelCrossEntropy(graph, ignored, logits, divisor, labels).outputVariables()[0];
  }

  /** As {@link #apply}, with a weight for each label. */
  public static SDVariable weighted(
      SameDiff graph,
      SDVariable logits,
      SDVariable labels,
      SDVariable weights,
      SDVariable divisor,
      int ignored) {
    return new LabelCrossEntropy(graph, ignored, logits, divisor, labels, weights)
        .outputVariables()[0];
  }

  @Override
  public String opName() {
    return "elapid_label_cross_entropy";
  }

  @Override
  void requireTargets(long[] x, long[] labels) {
    requireGroups(x, labels, "labels");
  }

  @Override
  Runnable bind(LossKernel kernel, Tensor x, Targets targets, Result result) {
    int ignored = attribute(0);
    return () -> kernel.crossEntropy(x, targets, ignored, result);
  }
}
