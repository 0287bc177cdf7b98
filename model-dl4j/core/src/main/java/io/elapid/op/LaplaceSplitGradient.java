package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LaplaceKernel;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link LaplaceSplit}: {@code (dlow, dresidual)} to {@code dx}. */
public final class LaplaceSplitGradient extends GradientOp {
  /** For SameDiff. */
  public LaplaceSplitGradient() {}

  LaplaceSplitGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_laplace_split_gradient";
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    LaplaceKernel kernel = kernels.laplace();
    Tensor dlow = operands.in(0);
    Tensor dresidual = operands.in(1);
    Tensor dx = operands.out(0);
    return () -> kernel.splitGradient(dlow, dresidual, dx);
  }
}
