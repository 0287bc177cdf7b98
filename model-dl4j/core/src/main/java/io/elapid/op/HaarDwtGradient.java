package io.elapid.op;

import io.elapid.kernel.HaarKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link HaarDwt}: {@code (dy, x)} to {@code dx}; of x only the shape counts. */
public final class HaarDwtGradient extends GradientOp {
  /** For SameDiff. */
  public HaarDwtGradient() {}

  HaarDwtGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_haar_dwt_gradient";
  }

  @Override
  public boolean readsShapeOnly(int index) {
    return index > 0;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    HaarKernel kernel = kernels.haar();
    Tensor dy = operands.in(0);
    Tensor dx = operands.out(0);
    return () -> kernel.inverse(dy, dx);
  }
}
