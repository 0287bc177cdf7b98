package io.elapid.op;

import io.elapid.kernel.HiddenGateKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** Gradient of {@link HiddenGate}: {@code (dy, hz, d)} to {@code (dhz, dd)}. */
public final class HiddenGateGradient extends ElapidOp {
  /** For SameDiff. */
  public HiddenGateGradient() {}

  private HiddenGateGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  static List<SDVariable> of(SameDiff graph, SDVariable... inputs) {
    return List.of(new HiddenGateGradient(graph, inputs).outputVariables());
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
  List<long[]> outputShapes(List<long[]> inputs) {
    return inputs.subList(1, 3);
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
