package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LinearKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link Linear}: {@code (dy, x, w, bias)} to {@code (dx, dw, dbias)}; of bias only the
 * shape counts.
 */
public final class LinearGradient extends GradientOp {
  /** For SameDiff. */
  public LinearGradient() {}

  LinearGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_linear_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 3;
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return 2 * inputs.get(1)[0] * elements(inputs.get(2));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    LinearKernel kernel = kernels.linear();
    Tensor dy = operands.in(0);
    Tensor x = operands.in(1);
    Tensor w = operands.in(2);
    Tensor dx = operands.out(0);
    Tensor dw = operands.out(1);
    Tensor dbias = operands.out(2);
    return () -> kernel.gradient(dy, x, w, dx, dw, dbias);
  }
}
