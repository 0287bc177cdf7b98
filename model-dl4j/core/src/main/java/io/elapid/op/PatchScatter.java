package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.PatchKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * The reverse of {@link PatchGather}: channels become 2x2 neighbourhoods, {@code (B, 4 C, H, W)} to
 * {@code (B, C, 2 H, 2 W)}, the four quarters of the channels being (even row, even column), (odd,
 * even), (even, odd), (odd, odd).
 */
public final class PatchScatter extends ElapidOp {
  /** For SameDiff. */
  public PatchScatter() {}

  private PatchScatter(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable x) {
    return new PatchScatter(graph, x).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_patch_scatter";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    require(x.length == 4 && x[1] % 4 == 0, "channels of %s are not four quarters", shape(x));
    return List.of(new long[] {x[0], x[1] / 4, 2 * x[2], 2 * x[3]});
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    PatchKernel kernel = kernels.patches();
    Tensor x = operands.in(0);
    Tensor y = operands.out(0);
    return () -> kernel.scatter(x, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return List.of(PatchGather.apply(sameDiff, gradients.get(0)));
  }
}
