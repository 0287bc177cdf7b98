package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.SiluGateKernel;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/** {@code y * silu(z)}, both of one shape. */
public final class SiluGate extends ElapidOp {
  /** For SameDiff. */
  public SiluGate() {}

  private SiluGate(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable y, SDVariable z) {
    return new SiluGate(graph, y, z).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_silu_gate";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] y = inputs.get(0);
    require(
        Arrays.equals(y, inputs.get(1)),
        "input %s and gate %s differ",
        shape(y),
        shape(inputs.get(1)));
    return List.of(y);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    SiluGateKernel kernel = kernels.siluGate();
    Tensor y = operands.in(0);
    Tensor z = operands.in(1);
    Tensor out = operands.out(0);
    return () -> kernel.forward(y, z, out);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new SiluGateGradient(sameDiff, andInputs(gradients.get(0))).gradients();
  }
}
