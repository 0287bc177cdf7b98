package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LaplaceKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link LaplaceMerge} in the pooled maps: {@code dy} to {@code dlow}. */
public final class LaplaceMergeGradient extends GradientOp {
  /** For SameDiff. */
  public LaplaceMergeGradient() {}

  LaplaceMergeGradient(SameDiff graph, int pool, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(pool);
  }

  @Override
  public String opName() {
    return "elapid_laplace_merge_gradient";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] low = inputs.get(0).clone();
    low[2] /= attribute(0);
    low[3] /= attribute(0);
    return List.of(low);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    LaplaceKernel kernel = kernels.laplace();
    Tensor dy = operands.in(0);
    Tensor dlow = operands.out(0);
    return () -> kernel.mergeGradient(dy, dlow);
  }
}
