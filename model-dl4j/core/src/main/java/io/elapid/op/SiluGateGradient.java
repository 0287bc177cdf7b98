package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.SiluGateKernel;
import io.elapid.kernel.Tensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link SiluGate}: {@code (dout, y, z)} to {@code (dy, dz)}. */
public final class SiluGateGradient extends GradientOp {
  /** For SameDiff. */
  public SiluGateGradient() {}

  SiluGateGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_silu_gate_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    SiluGateKernel kernel = kernels.siluGate();
    Tensor dout = operands.in(0);
    Tensor y = operands.in(1);
    Tensor z = operands.in(2);
    Tensor dy = operands.out(0);
    Tensor dz = operands.out(1);
    return () -> kernel.gradient(dout, y, z, dy, dz);
  }
}
