package io.elapid.op;

import io.elapid.kernel.GatedResidualKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Convex combination {@code (1 - s) x + s f} with {@code s = sigmoid(alpha[row])}; see {@link
 * GatedResidualKernel}.
 */
public final class GatedResidual extends ElapidOp {
  /** For SameDiff. */
  public GatedResidual() {}

  private GatedResidual(SameDiff graph, int row, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(row);
  }

  /** Adds the combination; {@code x, f: (B, C, ...)}, {@code alpha: (R, C)}. */
  public static SDVariable apply(
      SameDiff graph, SDVariable x, SDVariable f, SDVariable alpha, int row) {
    return new GatedResidual(graph, row, x, f, alpha).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_gated_residual";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    long[] alpha = inputs.get(2);
    require(
        Arrays.equals(x, inputs.get(1)),
        "path %s and branch %s differ",
        shape(x),
        shape(inputs.get(1)));
    require(
        alpha.length == 2 && alpha[1] == x[1] && attribute(0) < alpha[0],
        "gates %s, row %d, for %s",
        shape(alpha),
        attribute(0),
        shape(x));
    return List.of(x);
  }

  @Override
  public boolean overwrites(int index) {
    return index < 2;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    GatedResidualKernel kernel = kernels.gatedResidual();
    int row = attribute(0);
    Tensor x = operands.in(0);
    Tensor f = operands.in(1);
    Tensor alpha = operands.in(2);
    Tensor y = operands.out(0);
    return () -> kernel.forward(x, f, alpha, row, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new GatedResidualGradient(sameDiff, attribute(0), andInputs(gradients.get(0)))
        .gradients();
  }
}
