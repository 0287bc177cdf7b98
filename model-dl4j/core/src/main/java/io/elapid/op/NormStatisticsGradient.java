package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradients of the statistics of a {@link BatchNormInference}, which follow from those of its
 * weights: {@code (dgamma, dbeta, gamma, variance)} to {@code dmean = -gamma invStd dbeta} and
 * {@code dvariance = -gamma invStd^2 dgamma / 2}, with {@code invStd = 1 / sqrt(variance + eps)};
 * all (C).
 */
public final class NormStatisticsGradient extends ElapidOp {
  /** For SameDiff. */
  public NormStatisticsGradient() {}

  NormStatisticsGradient(SameDiff graph, double eps, SDVariable... inputs) {
    super(graph, inputs);
    addTArgument(eps);
  }

  @Override
  public String opName() {
    return "elapid_norm_statistics_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    requireChannels(inputs, 0, elements(inputs.get(3)));
    return List.of(inputs.get(3), inputs.get(3));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    double eps = getTArgument(0);
    List<Tensor> in = operands.ins(0, 4);
    Tensor ofMean = operands.out(0);
    Tensor ofVariance = operands.out(1);
    return () -> {
      kernels.settle();
      for (int c = 0; c < ofMean.size(); c++) {
        double square = 1 / (in.get(3).at(c) + eps);
        double gamma = in.get(2).at(c);
        ofMean.put(c, -gamma * Math.sqrt(square) * in.get(1).at(c));
        ofVariance.put(c, -gamma * square * in.get(0).at(c) / 2);
      }
    };
  }
}
