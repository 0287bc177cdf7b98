package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.SampleScaleKernel;
import io.elapid.kernel.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * A residual branch with one factor per sample: {@code residual + factors[b] x}; {@code x,
 * residual: (B, ...)}, {@code factors: (B)}, which get no gradient.
 */
public final class SampleScale extends ElapidOp {
  /** For SameDiff. */
  public SampleScale() {}

  private SampleScale(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds {@code residual + factors[b] x}. */
  public static SDVariable apply(
      SameDiff graph, SDVariable x, SDVariable factors, SDVariable residual) {
    return new SampleScale(graph, x, residual, factors).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_sample_scale";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    long[] factors = inputs.get(inputs.size() - 1);
    require(elements(factors) == x[0], "factors %s for %s", shape(factors), shape(x));
    require(
        inputs.size() == 2 || Arrays.equals(x, inputs.get(1)),
        "branch %s and residual %s differ",
        shape(x),
        shape(inputs.get(1)));
    return List.of(x);
  }

  @Override
  public boolean overwrites(int index) {
    return index < 2;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    SampleScaleKernel kernel = kernels.sampleScale();
    int last = operands.inputs() - 1;
    Tensor x = operands.in(0);
    Optional<Tensor> residual = last == 2 ? Optional.of(operands.in(1)) : Optional.empty();
    Tensor factors = operands.in(last);
    Tensor y = operands.out(0);
    return () -> kernel.forward(x, factors, residual, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    SDVariable dy = gradients.get(0);
    SDVariable factors = arg(args().length - 1);
    SDVariable dx = new SampleScale(sameDiff, dy, factors).outputVariable();
    return args().length == 2 ? List.of(dx) : List.of(dx, sameDiff.identity(dy));
  }
}
