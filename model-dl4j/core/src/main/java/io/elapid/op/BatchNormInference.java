package io.elapid.op;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.KernelSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.VariableType;

/**
 * Batch normalisation by given statistics, with an optional fused activation. Differentiable in
 * {@code x}, {@code gamma}, {@code beta}, and in statistics that the graph computes; running ones
 * are constants.
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

  /**
   * Adds a normalisation with epsilon 1e-5.
   *
   * @param mean (C)
   * @param variance (C)
   */
  public static SDVariable apply(
      SameDiff graph,
      SDVariable x,
      SDVariable gamma,
      SDVariable beta,
      SDVariable mean,
      SDVariable variance,
      ActivationKind activation) {
    return apply(graph, x, gamma, beta, mean, variance, BatchNorm.DEFAULT_EPS, activation);
  }

  /** Adds a normalisation. */
  public static SDVariable apply(
      SameDiff graph,
      SDVariable x,
      SDVariable gamma,
      SDVariable beta,
      SDVariable mean,
      SDVariable variance,
      double eps,
      ActivationKind activation) {
    return new BatchNormInference(graph, eps, activation, x, gamma, beta, mean, variance)
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
    double eps = getTArgument(0);
    List<SDVariable> weights =
        new BatchNormInferenceGradient(
                sameDiff, eps, ActivationKind.ofCode(attribute(0)), andInputs(gradients.get(0)))
            .gradients();
    if (arg(3).getVariableType() != VariableType.ARRAY) {
      return weights;
    }
    List<SDVariable> all = new ArrayList<>(weights);
    Collections.addAll(
        all,
        new NormStatisticsGradient(sameDiff, eps, weights.get(1), weights.get(2), arg(1), arg(4))
            .outputVariables());
    return all;
  }
}
