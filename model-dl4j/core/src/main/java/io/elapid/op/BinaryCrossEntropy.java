package io.elapid.op;

import io.elapid.kernel.LossKernel;
import io.elapid.kernel.LossKernel.Result;
import io.elapid.kernel.LossKernel.Targets;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Binary cross-entropy of the sigmoid of logits {@code (N, A K, ...)} against targets of the same
 * shape, 0 to 1, with one weight per logit or per K of them, {@code (N, A, ...)}: summed and
 * divided.
 *
 * @see LossKernel#binaryCrossEntropy
 */
public final class BinaryCrossEntropy extends DenseLoss {
  /** For SameDiff. */
  public BinaryCrossEntropy() {}

  private BinaryCrossEntropy(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op; {@code divisor} is one number. */
  public static SDVariable apply(
      SameDiff graph,
      SDVariable logits,
      SDVariable targets,
      SDVariable weights,
      SDVariable divisor) {
    return new BinaryCrossEntropy(graph, logits, divisor, targets, weights).outputVariables()[0];
  }

  @Override
  public String opName() {
    return "elapid_binary_cross_entropy";
  }

  @Override
  void requireTargets(long[] x, long[] targets) {
    require(Arrays.equals(x, targets), "logits %s and targets %s", shape(x), shape(targets));
  }

  @Override
  Runnable bind(LossKernel kernel, Tensor x, Targets targets, Result result) {
    return () -> kernel.binaryCrossEntropy(x, targets, result);
  }
}
