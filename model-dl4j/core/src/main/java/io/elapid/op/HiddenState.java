package io.elapid.op;

import io.elapid.kernel.HiddenStateKernel;
import io.elapid.kernel.KernelSet;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Hidden states of EfficientViM's mixer; see {@link HiddenStateKernel}.
 *
 * <p>{@code x: (B, C, L)}, {@code b, dt: (B, N, L)}, {@code a: (N)} to {@code (B, C, N)}; the
 * softmax weights (B, N, L) are saved.
 */
public final class HiddenState extends ElapidOp {
  /** For SameDiff. */
  public HiddenState() {}

  private HiddenState(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(
      SameDiff graph, SDVariable x, SDVariable b, SDVariable dt, SDVariable a) {
    return new HiddenState(graph, x, b, dt, a).outputVariables()[0];
  }

  @Override
  public String opName() {
    return "elapid_hidden_state";
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    long[] b = inputs.get(1);
    require(x.length == 3 && b.length == 3, "ranks %d and %d", x.length, b.length);
    require(x[0] == b[0] && x[2] == b[2], "input %s and states %s do not fit", shape(x), shape(b));
    require(
        Arrays.equals(b, inputs.get(2)), "b %s and dt %s differ", shape(b), shape(inputs.get(2)));
    require(
        elements(inputs.get(3)) == b[1], "%d offsets for %d states", elements(inputs.get(3)), b[1]);
    return List.of(new long[] {x[0], x[1], b[1]}, b);
  }

  /** The matrix product of inputs and weights; the softmax counts nothing. */
  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return elements(inputs.get(0)) * inputs.get(1)[1];
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    HiddenStateKernel kernel = kernels.hiddenState();
    Tensor x = operands.in(0);
    Tensor b = operands.in(1);
    Tensor dt = operands.in(2);
    Tensor a = operands.in(3);
    Tensor h = operands.out(0);
    Tensor w = operands.out(1);
    return () -> kernel.forward(x, b, dt, a, h, w);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new HiddenStateGradient(sameDiff, gradients.get(0), arg(0), arg(1), arg(3), output(1))
        .gradients();
  }
}
