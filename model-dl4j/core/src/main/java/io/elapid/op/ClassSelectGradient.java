package io.elapid.op;

import io.elapid.kernel.ClassSelectKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link ClassSelect}: {@code (dy, x, labels)} to {@code dx}; of x only the shape
 * counts.
 */
public final class ClassSelectGradient extends GradientOp {
  /** For SameDiff. */
  public ClassSelectGradient() {}

  ClassSelectGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_class_select_gradient";
  }

  @Override
  public boolean readsShapeOnly(int index) {
    return index == 1;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ClassSelectKernel kernel = kernels.classSelect();
    Tensor dy = operands.in(0);
    Tensor labels = operands.in(2);
    Tensor dx = operands.out(0);
    return () -> kernel.gradient(dy, labels, dx);
  }
}
