package io.elapid.op;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.KernelSet;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Batch normalisation by running statistics, with an optional fused activation; differentiable in
 * {@code x}, {@code gamma} and {@code beta}, the statistics being constants.
 */
public final class BatchNormInference extends ElapidOp {
  /** For SameDiff. */
  public BatchNormInference() {}

  private BatchNormInference(
      SameDiff graph, double eps, ActivationKind activation, SDVariable... inputs) {
    super(graph, inputs);
    addTArgument(eps);
    addIArgument(activation.code());
  }

  /** Adds a normalisation with epsilon 1e-5. */
  public static SDVariable apply(
      SameDiff graph,
      SDVariable x,
      SDVariable gamma,
      SDVariable beta,
      SDVariable runningMean,
      SDVariable runningVar,
      ActivationKind activation) {
    return apply(graph, x, gamma, beta, runningMean, runningVar, BatchNorm.DEFAULT_EPS, activation);
  }

  /** Adds a normalisation. */
  public static SDVariable apply(
      SameDiff graph,
      SDVariable x,
      SDVariable gamma,
      SDVariable beta,
      SDVariable runningMean,
      SDVariable runningVar,
      double eps,
      ActivationKind activation) {
    return new BatchNormInference(graph, eps, activation, x, gamma, beta, runningMean, runningVar)
        .outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_batch_norm_inference";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    requireChannels(inputs, 1, inputs.get(0)[1]);
    return List.of(inputs.get(0));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    BatchNormKernel kernel = kernels.batchNorm();
    var call =
        new BatchNormKernel.Inference(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            operands.in(3),
            operands.in(4),
            getTArgument(0),
            ActivationKind.ofCode(attribute(0)),
            operands.out(0));
    return () -> kernel.inference(call);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    ActivationKind activation = ActivationKind.ofCode(attribute(0));
    return new BatchNormInferenceGradient(
            sameDiff, getTArgument(0), activation, andInputs(gradients.get(0)))
        .gradients();
  }
}
