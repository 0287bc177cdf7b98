package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LaplaceKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Splits maps {@code (B, C, H, W)} into pooled ones {@code (B, C, H / p, W / p)} and the residual
 * {@code (B, C, H, W)} that pooling loses; p divides H and W. See {@link LaplaceKernel}.
 */
public final class LaplaceSplit extends ElapidOp {
  /** For SameDiff. */
  public LaplaceSplit() {}

  private LaplaceSplit(SameDiff graph, int pool, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(pool);
  }

  /** Both parts of the maps. */
  public record Outputs(SDVariable low, SDVariable residual) {}

  /** Adds the op; {@code pool} is the factor p. */
  public static Outputs apply(SameDiff graph, SDVariable x, int pool) {
    SDVariable[] parts = new LaplaceSplit(graph, pool, x).outputVariables();
    return new Outputs(parts[0], parts[1]);
  }

  @Override
  public String opName() {
    return "elapid_laplace_split";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    int pool = attribute(0);
    require(
        x.length == 4 && x[2] % pool == 0 && x[3] % pool == 0,
        "maps %s do not split into blocks of %dx%d",
        shape(x),
        pool,
        pool);
    return List.of(new long[] {x[0], x[1], x[2] / pool, x[3] / pool}, x);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    LaplaceKernel kernel = kernels.laplace();
    Tensor x = operands.in(0);
    Tensor low = operands.out(0);
    Tensor residual = operands.out(1);
    return () -> kernel.split(x, low, residual);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new LaplaceSplitGradient(sameDiff, gradients.get(0), gradients.get(1)).gradients();
  }
}
