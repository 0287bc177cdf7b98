package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ResampleKernel;
import io.elapid.kernel.Resampling;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link Resample}: {@code (dy, x)} to {@code dx}; of x only the shape counts. */
public final class ResampleGradient extends GradientOp {
  /** For SameDiff. */
  public ResampleGradient() {}

  ResampleGradient(SameDiff graph, Resampling rule, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(Resample.RULES.indexOf(rule));
  }

  @Override
  public String opName() {
    return "elapid_resample_gradient";
  }

  @Override
  public boolean readsShapeOnly(int index) {
    return index > 0;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ResampleKernel kernel = kernels.resample();
    Resampling rule = Resample.RULES.get(attribute(0));
    Tensor dy = operands.in(0);
    Tensor dx = operands.out(0);
    return () -> kernel.gradient(dy, rule, dx);
  }
}
