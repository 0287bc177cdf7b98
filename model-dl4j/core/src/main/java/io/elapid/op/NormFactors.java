package io.elapid.op;

import io.elapid.kernel.FoldingKernel;
import io.elapid.kernel.KernelSet;
import java.util.List;
import java.util.Optional;

/**
 * A batch norm by running statistics as one affine map per channel: {@code scale = gamma /
 * sqrt(variance + eps)}, {@code shift = beta + (bias - mean) scale}, both (C), from {@code (gamma,
 * beta, mean, variance, [bias])}, the bias being that of the layer before. An operation of compiled
 * programs: it has no gradient.
 */
public final class NormFactors extends ElapidOp {
  private NormFactors() {}

  /** The operation for the epsilon of {@code norm}. */
  public static NormFactors of(BatchNormInference norm) {
    NormFactors op = new NormFactors();
    op.addTArgument(norm.getTArgument(0));
    return op;
  }

  @Override
  public String opName() {
    return "elapid_norm_factors";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    requireChannels(inputs, 1, elements(inputs.get(0)));
    return List.of(inputs.get(0), inputs.get(0));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    FoldingKernel kernel = kernels.folding();
    FoldingKernel.Norm call =
        new FoldingKernel.Norm(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            operands.in(3),
            operands.inputs() > 4 ? Optional.of(operands.in(4)) : Optional.empty(),
            getTArgument(0),
            operands.out(0),
            operands.out(1));
    return () -> kernel.norm(call);
  }
}
