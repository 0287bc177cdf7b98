package io.elapid.op;

import io.elapid.kernel.CrossEntropyKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Softmax cross-entropy against soft targets: {@code logits, targets: (B, K)} to the scalar mean
 * loss over the batch.
 *
 * <p>Differentiable in the logits; targets are constants. The softmax (B, K) is saved.
 */
public final class SoftmaxCrossEntropy extends ElapidOp {
  /** For SameDiff. */
  public SoftmaxCrossEntropy() {}

  private SoftmaxCrossEntropy(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable logits, SDVariable softTargets) {
    return new SoftmaxCrossEntropy(graph, logits, softTargets).outputVariables()[0];
  }

  @Override
  public String opName() {
    return "elapid_softmax_cross_entropy";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] logits = inputs.get(0);
    require(
        logits.length == 2 && Arrays.equals(logits, inputs.get(1)),
        "logits %s and targets %s differ",
        shape(logits),
        shape(inputs.get(1)));
    return List.of(new long[0], logits);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    CrossEntropyKernel kernel = kernels.crossEntropy();
    Tensor logits = operands.in(0);
    Tensor targets = operands.in(1);
    Tensor loss = operands.out(0);
    Tensor probabilities = operands.out(1);
    return () -> kernel.forward(logits, targets, loss, probabilities);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new SoftmaxCrossEntropyGradient(sameDiff, gradients.get(0), arg(1), output(1))
        .gradients();
  }
}
