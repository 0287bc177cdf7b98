package io.elapid.op;

import io.elapid.kernel.ActivationKernel;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link Activation}: {@code (dy, saved)} to {@code dx}; saved is the output or the
 * input, as the kind says.
 */
public final class ActivationGradient extends ElapidOp {
  /** For SameDiff. */
  public ActivationGradient() {}

  private ActivationGradient(SameDiff graph, ActivationKind kind, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(kind.code());
  }

  static List<SDVariable> of(SameDiff graph, ActivationKind kind, SDVariable dy, SDVariable saved) {
    return List.of(new ActivationGradient(graph, kind, dy, saved).outputVariables());
  }

  @Override
  public String opName() {
    return "elapid_activation_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 1;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    return List.of(inputs.get(0));
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
