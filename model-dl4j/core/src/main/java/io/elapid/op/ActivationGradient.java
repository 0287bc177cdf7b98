package io.elapid.op;

import io.elapid.kernel.ActivationKernel;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link Activation}: {@code (dy, saved)} to {@code dx}; saved is the output or the
 * input, as the kind says.
 */
public final class ActivationGradient extends GradientOp {
  /** For SameDiff. */
  public ActivationGradient() {}

  ActivationGradient(SameDiff graph, ActivationKind kind, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(kind.code());
  }

  @Override
  public String opName() {
    return "elapid_activation_gradient";
  }

  @Override
  public boolean overwrites(int index) {
    return index == 0;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ActivationKernel kernel = kernels.activation();
    ActivationKind kind = ActivationKind.ofCode(attribute(0));
    Tensor dy = operands.in(0);
    Tensor saved = operands.in(1);
    Tensor dx = operands.out(0);
    return () -> kernel.gradient(kind, dy, saved, dx);
  }
}
