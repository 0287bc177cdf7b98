package io.elapid.op;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.KernelSet;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link BatchNormInference}: {@code (dy, x, gamma, beta, mean, variance)} to {@code
 * (dx, dgamma, dbeta)}.
 */
public final class BatchNormInferenceGradient extends GradientOp {
  /** For SameDiff. */
  public BatchNormInferenceGradient() {}

  BatchNormInferenceGradient(
      SameDiff graph, double eps, ActivationKind activation, SDVariable... inputs) {
    super(graph, inputs);
    addTArgument(eps);
    addIArgument(activation.code());
  }

  @Override
  public String opName() {
    return "elapid_batch_norm_inference_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 3;
  }

  @Override
  public boolean overwrites(int index) {
    return index == 0;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    BatchNormKernel kernel = kernels.batchNorm();
    var call =
        new BatchNormKernel.InferenceGradient(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            operands.in(3),
            operands.in(4),
            operands.in(5),
            getTArgument(0),
            ActivationKind.ofCode(attribute(0)),
            operands.out(0),
            operands.out(1),
            operands.out(2));
    return () -> kernel.inferenceGradient(call);
  }
}
