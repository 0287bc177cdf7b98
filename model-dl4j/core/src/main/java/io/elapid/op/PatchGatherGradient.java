package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.PatchKernel;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link PatchGather}: {@code (dy, x)} to {@code dx}; of x only the shape counts. */
public final class PatchGatherGradient extends GradientOp {
  /** For SameDiff. */
  public PatchGatherGradient() {}

  PatchGatherGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_patch_gather_gradient";
  }

  @Override
  public boolean readsShapeOnly(int index) {
    return index > 0;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    PatchKernel kernel = kernels.patches();
    Tensor dy = operands.in(0);
    Tensor dx = operands.out(0);
    return () -> kernel.scatter(dy, dx);
  }
}
