package io.elapid.op;

import io.elapid.kernel.GatedResidualKernel;
import io.elapid.kernel.KernelSet;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link GatedResidual}: {@code (dy, x, f, alpha)} to {@code (dx, df, dalpha)}. */
public final class GatedResidualGradient extends GradientOp {
  /** For SameDiff. */
  public GatedResidualGradient() {}

  GatedResidualGradient(SameDiff graph, int row, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(row);
  }

  @Override
  public String opName() {
    return "elapid_gated_residual_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 3;
  }

  @Override
  public boolean overwrites(int index) {
    return index == 0;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    GatedResidualKernel kernel = kernels.gatedResidual();
    var call =
        new GatedResidualKernel.Gradient(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            operands.in(3),
            attribute(0),
            operands.out(0),
            operands.out(1),
            operands.out(2));
    return () -> kernel.gradient(call);
  }
}
