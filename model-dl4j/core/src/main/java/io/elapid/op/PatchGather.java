package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.PatchKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gathers 2x2 neighbourhoods into channels: {@code (B, C, H, W)} to {@code (B, 4 C, ceil(H / 2),
 * ceil(W / 2))}, in the order (even row, even column), (odd, even), (even, odd), (odd, odd); see
 * {@link PatchKernel}.
 */
public final class PatchGather extends ElapidOp {
  /** For SameDiff. */
  public PatchGather() {}

  private PatchGather(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable x) {
    return new PatchGather(graph, x).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_patch_gather";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    require(x.length == 4, "input of rank %d", x.length);
    return List.of(new long[] {x[0], 4 * x[1], (x[2] + 1) / 2, (x[3] + 1) / 2});
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    PatchKernel kernel = kernels.patches();
    Tensor x = operands.in(0);
    Tensor y = operands.out(0);
    return () -> kernel.gather(x, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new PatchGatherGradient(sameDiff, andInputs(gradients.get(0))).gradients();
  }
}
