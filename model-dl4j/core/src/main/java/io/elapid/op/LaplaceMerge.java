package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LaplaceKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Adds pooled maps {@code (B, C, h, w)}, enlarged p times by bilinear interpolation, to the
 * residual {@code (B, C, p h, p w)}; see {@link LaplaceKernel}.
 */
public final class LaplaceMerge extends ElapidOp {
  /** For SameDiff. */
  public LaplaceMerge() {}

  private LaplaceMerge(SameDiff graph, int pool, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(pool);
  }

  /** Adds the op; {@code pool} is the factor p. */
  public static SDVariable apply(SameDiff graph, SDVariable low, SDVariable residual, int pool) {
    return new LaplaceMerge(graph, pool, low, residual).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_laplace_merge";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] low = inputs.get(0);
    long[] residual = inputs.get(1);
    int pool = attribute(0);
    require(
        low.length == 4
            && residual.length == 4
            && low[0] == residual[0]
            && low[1] == residual[1]
            && pool * low[2] == residual[2]
            && pool * low[3] == residual[3],
        "maps %s times %d do not fit residual %s",
        shape(low),
        pool,
        shape(residual));
    return List.of(residual);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    LaplaceKernel kernel = kernels.laplace();
    Tensor low = operands.in(0);
    Tensor residual = operands.in(1);
    Tensor y = operands.out(0);
    return () -> kernel.merge(low, residual, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    SDVariable dy = gradients.get(0);
    SDVariable dlow = new LaplaceMergeGradient(sameDiff, attribute(0), dy).outputVariable();
    return List.of(dlow, sameDiff.identity(dy));
  }
}
