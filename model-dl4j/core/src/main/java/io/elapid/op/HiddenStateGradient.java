package io.elapid.op;

import io.elapid.kernel.HiddenStateKernel;
import io.elapid.kernel.KernelSet;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link HiddenState}: {@code (dh, x, b, a, w)} to {@code (dx, db, ddt, da)}; of a only
 * the shape counts.
 */
public final class HiddenStateGradient extends GradientOp {
  /** For SameDiff. */
  public HiddenStateGradient() {}

  HiddenStateGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_hidden_state_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 4;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    return List.of(inputs.get(1), inputs.get(2), inputs.get(2), inputs.get(3));
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return 2 * elements(inputs.get(1)) * inputs.get(2)[1];
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    HiddenStateKernel kernel = kernels.hiddenState();
    var call =
        new HiddenStateKernel.Gradient(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            operands.in(4),
            operands.out(0),
            operands.out(1),
            operands.out(2),
            operands.out(3));
    return () -> kernel.gradient(call);
  }
}
