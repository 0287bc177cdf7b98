package io.elapid.op;

import io.elapid.kernel.ActivationKernel;
import io.elapid.kernel.ActivationKind;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Elementwise activation of any shape. */
public final class Activation extends ElapidOp {
  /** For SameDiff. */
  public Activation() {}

  private Activation(SameDiff graph, ActivationKind kind, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(kind.code());
  }

  /** Adds {@code y = f(x)}. */
  public static SDVariable apply(SameDiff graph, SDVariable x, ActivationKind kind) {
    return new Activation(graph, kind, x).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_activation";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    return List.of(inputs.get(0));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ActivationKernel kernel = kernels.activation();
    ActivationKind kind = ActivationKind.ofCode(attribute(0));
    Tensor x = operands.in(0);
    Tensor y = operands.out(0);
    return () -> kernel.forward(kind, x, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    ActivationKind kind = ActivationKind.ofCode(attribute(0));
    SDVariable saved = kind.differentiatesFromOutput() ? output(0) : arg(0);
    return new ActivationGradient(sameDiff, kind, gradients.get(0), saved).gradients();
  }
}
