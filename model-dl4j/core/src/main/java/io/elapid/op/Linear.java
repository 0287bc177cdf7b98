package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LinearKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Affine map {@code x w^T + bias}: {@code x: (B, I)}, {@code w: (O, I)}, {@code bias: (O)} to
 * {@code (B, O)}.
 */
public final class Linear extends ElapidOp {
  /** For SameDiff. */
  public Linear() {}

  private Linear(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable x, SDVariable w, SDVariable bias) {
    return new Linear(graph, x, w, bias).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_linear";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    long[] w = inputs.get(1);
    require(
        x.length == 2 && w.length == 2 && x[1] == w[1],
        "input %s and weights %s do not fit",
        shape(x),
        shape(w));
    require(
        elements(inputs.get(2)) == w[0], "%d biases for %d outputs", elements(inputs.get(2)), w[0]);
    return List.of(new long[] {x[0], w[0]});
  }

  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return inputs.get(0)[0] * elements(inputs.get(1));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    LinearKernel kernel = kernels.linear();
    Tensor x = operands.in(0);
    Tensor w = operands.in(1);
    Tensor bias = operands.in(2);
    Tensor y = operands.out(0);
    return () -> kernel.forward(x, w, bias, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new LinearGradient(sameDiff, andInputs(gradients.get(0))).gradients();
  }
}
