package io.elapid.op;

import io.elapid.kernel.CrossEntropyKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link SoftmaxCrossEntropy}: {@code (dloss, targets, probabilities)} to {@code
 * dlogits}.
 */
public final class SoftmaxCrossEntropyGradient extends GradientOp {
  /** For SameDiff. */
  public SoftmaxCrossEntropyGradient() {}

  SoftmaxCrossEntropyGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_softmax_cross_entropy_gradient";
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    CrossEntropyKernel kernel = kernels.crossEntropy();
    Tensor dloss = operands.in(0);
    Tensor targets = operands.in(1);
    Tensor probabilities = operands.in(2);
    Tensor dlogits = operands.out(0);
    return () -> kernel.gradient(dloss, targets, probabilities, dlogits);
  }
}
