package io.elapid.op;

import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.KernelSet;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Batch normalisation by the batch's own statistics, with an optional fused activation; see {@link
 * BatchNormKernel}.
 *
 * <p>{@code x: (B, C, ...)}; {@code gamma, beta: (C)}. Only {@code y} propagates a gradient; the
 * statistics are for running averages.
 */
public final class BatchNorm extends ElapidOp {
  static final double DEFAULT_EPS = 1e-5;

  /** For SameDiff. */
  public BatchNorm() {}

  private BatchNorm(SameDiff graph, double eps, ActivationKind activation, SDVariable... inputs) {
    super(graph, inputs);
    addTArgument(eps);
    addIArgument(activation.code());
  }

  /** Outputs: {@code y} as {@code x}, the batch's mean (C) and its unbiased variance (C). */
  public record Outputs(SDVariable y, SDVariable mean, SDVariable variance) {}

  /** Adds a batch normalisation with epsilon 1e-5. */
  public static Outputs apply(
      SameDiff graph, SDVariable x, SDVariable gamma, SDVariable beta, ActivationKind activation) {
    return apply(graph, x, gamma, beta, DEFAULT_EPS, activation);
  }

  /** Adds a batch normalisation. */
  public static Outputs apply(
      SameDiff graph,
      SDVariable x,
      SDVariable gamma,
      SDVariable beta,
      double eps,
      ActivationKind activation) {
    SDVariable[] out = new BatchNorm(graph, eps, activation, x, gamma, beta).outputVariables();
    return new Outputs(out[0], out[1], out[2]);
  }

  @Override
  public String opName() {
    return "elapid_batch_norm";
  }

  @Override
  public int getNumOutputs() {
    return 4;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    require(x.length >= 2, "input of rank %d", x.length);
    long[] channels = {x[1]};
    requireChannels(inputs, 1, x[1]);
    return List.of(x, channels, channels, channels);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    BatchNormKernel kernel = kernels.batchNorm();
    var call =
        new BatchNormKernel.Train(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            getTArgument(0),
            ActivationKind.ofCode(attribute(0)),
            operands.out(0),
            operands.out(1),
            operands.out(2),
            operands.out(3));
    return () -> kernel.train(call);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    ActivationKind activation = ActivationKind.ofCode(attribute(0));
    return new BatchNormGradient(
            sameDiff, activation, gradients.get(0), arg(0), arg(1), arg(2), output(1), output(3))
        .gradients();
  }
}
