package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.SpatialMeanKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Mean over all dimensions from 2 on: {@code (B, C, ...)} to {@code (B, C)}. */
public final class SpatialMean extends ElapidOp {
  /** For SameDiff. */
  public SpatialMean() {}

  private SpatialMean(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable x) {
    return new SpatialMean(graph, x).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_spatial_mean";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    require(x.length >= 3, "input of rank %d", x.length);
    return List.of(new long[] {x[0], x[1]});
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    SpatialMeanKernel kernel = kernels.spatialMean();
    Tensor x = operands.in(0);
    Tensor y = operands.out(0);
    return () -> kernel.forward(x, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new SpatialMeanGradient(sameDiff, andInputs(gradients.get(0))).gradients();
  }
}
