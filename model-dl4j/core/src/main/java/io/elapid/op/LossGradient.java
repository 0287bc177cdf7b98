package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LossKernel;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of a loss that saved its slope: {@code (dloss, slope)} to {@code dloss slope}. */
public final class LossGradient extends GradientOp {
  /** For SameDiff. */
  public LossGradient() {}

  LossGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_loss_gradient";
  }

  @Override
  public boolean overwrites(int index) {
    return index == 1;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    LossKernel kernel = kernels.losses();
    Tensor dloss = operands.in(0);
    Tensor slope = operands.in(1);
    Tensor dx = operands.out(0);
    return () -> kernel.gradient(dloss, slope, dx);
  }
}
