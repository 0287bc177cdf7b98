package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
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
    Optional<Tensor> bias =
        operands.inputs() > 4 ? Optional.of(operands.in(4)) : Optional.<Tensor>empty();
    double eps = getTArgument(0);
    Tensor gamma = operands.in(0);
    Tensor beta = operands.in(1);
    Tensor mean = operands.in(2);
    Tensor variance = operands.in(3);
    Tensor scale = operands.out(0);
    Tensor shift = operands.out(1);
    return () -> {
      kernels.settle();
      for (int c = 0; c < gamma.size(); c++) {
        double factor = gamma.at(c) / Math.sqrt(variance.at(c) + eps);
        double before = bias.isPresent() ? bias.get().at(c) : 0;
        scale.put(c, factor);
        shift.put(c, beta.at(c) + (before - mean.at(c)) * factor);
      }
    };
  }
}
