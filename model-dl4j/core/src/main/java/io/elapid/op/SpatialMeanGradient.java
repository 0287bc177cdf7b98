package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.SpatialMeanKernel;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link SpatialMean}: {@code (dy, x)} to {@code dx}; of x only the shape counts. */
public final class SpatialMeanGradient extends GradientOp {
  /** For SameDiff. */
  public SpatialMeanGradient() {}

  SpatialMeanGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_spatial_mean_gradient";
  }

  @Override
  public boolean readsShapeOnly(int index) {
    return index > 0;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    SpatialMeanKernel kernel = kernels.spatialMean();
    Tensor dy = operands.in(0);
    Tensor dx = operands.out(0);
    return () -> kernel.gradient(dy, dx);
  }
}
