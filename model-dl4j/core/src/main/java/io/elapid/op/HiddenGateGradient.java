package io.elapid.op;

import io.elapid.kernel.HiddenGateKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link HiddenGate}: {@code (dy, hz, d)} to {@code (dhz, dd)}. */
public final class HiddenGateGradient extends GradientOp {
  /** For SameDiff. */
  public HiddenGateGradient() {}

  HiddenGateGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_hidden_gate_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    HiddenGateKernel kernel = kernels.hiddenGate();
    Tensor dy = operands.in(0);
    Tensor hz = operands.in(1);
    Tensor d = operands.in(2);
    Tensor dhz = operands.out(0);
    Tensor dd = operands.out(1);
    return () -> kernel.gradient(dy, hz, d, dhz, dd);
  }
}
