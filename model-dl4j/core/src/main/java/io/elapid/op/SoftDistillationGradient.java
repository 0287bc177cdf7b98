package io.elapid.op;

import io.elapid.kernel.DistillationKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link SoftDistillation}: {@code (dloss, slope)} to {@code dlogits}. */
public final class SoftDistillationGradient extends GradientOp {
  /** For SameDiff. */
  public SoftDistillationGradient() {}

  SoftDistillationGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_soft_distillation_gradient";
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    DistillationKernel kernel = kernels.distillation();
    Tensor dloss = operands.in(0);
    Tensor slope = operands.in(1);
    Tensor dlogits = operands.out(0);
    return () -> kernel.gradient(dloss, slope, dlogits);
  }
}
