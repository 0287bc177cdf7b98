package io.elapid.op;

import io.elapid.kernel.HiddenGateKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gate of EfficientViM's hidden states: {@code hz = [h ; z]: (B, 2C, N)}, {@code d: (1)} to {@code
 * h * silu(z) + d * h: (B, C, N)}.
 */
public final class HiddenGate extends ElapidOp {
  /** For SameDiff. */
  public HiddenGate() {}

  private HiddenGate(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable hz, SDVariable d) {
    return new HiddenGate(graph, hz, d).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_hidden_gate";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] y = inputs.get(0).clone();
    require(y.length >= 2 && y[1] % 2 == 0, "input %s has no two halves", shape(y));
    require(elements(inputs.get(1)) == 1, "%d skip factors", elements(inputs.get(1)));
    y[1] /= 2;
    return List.of(y);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    HiddenGateKernel kernel = kernels.hiddenGate();
    Tensor hz = operands.in(0);
    Tensor d = operands.in(1);
    Tensor y = operands.out(0);
    return () -> kernel.forward(hz, d, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new HiddenGateGradient(sameDiff, andInputs(gradients.get(0))).gradients();
  }
}
