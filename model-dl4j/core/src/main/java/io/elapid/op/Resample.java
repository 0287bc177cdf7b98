package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ResampleKernel;
import io.elapid.kernel.Resampling;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Maps of another size: {@code (B, C, H, W)} to {@code (B, C, height, width)} by interpolation,
 * choice or averages of pixels.
 *
 * @see Resampling
 */
public final class Resample extends ElapidOp {
  static final List<Resampling> RULES = List.of(Resampling.values());

  /** The rule that a saved graph names by a number. */
  public static Resampling rule(int number) {
    return RULES.get(number);
  }

  /** For SameDiff. */
  public Resample() {}

  private Resample(SameDiff graph, SDVariable x, Resampling rule, long height, long width) {
    super(graph, x);
    addIArgument(RULES.indexOf(rule));
    addIArgument(height, width);
  }

  /** Adds the op. */
  public static SDVariable apply(
      SameDiff graph, SDVariable x, Resampling rule, long height, long width) {
    return new Resample(graph, x, rule, height, width).outputVariable();
  }

  /**
   * Every second row and column, beginning with the first: {@code (B, C, ceil(H / 2), ceil(W /
   * 2))}.
   *
   * @param height H
   * @param width W
   */
  public static SDVariable everySecond(SameDiff graph, SDVariable x, long height, long width) {
    return apply(graph, x, Resampling.EVERY_SECOND, (height + 1) / 2, (width + 1) / 2);
  }

  @Override
  public String opName() {
    return "elapid_resample";
  }

  private Resampling rule() {
    return rule(attribute(0));
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    require(x.length == 4, "input of rank %d", x.length);
    long[] y = {x[0], x[1], attribute(1), attribute(2)};
    require(
        rule().allows(x[2], y[2]) && rule().allows(x[3], y[3]),
        "%s does not make %s of %s",
        rule(),
        shape(y),
        shape(x));
    return List.of(y);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ResampleKernel kernel = kernels.resample();
    Resampling rule = rule();
    Tensor x = operands.in(0);
    Tensor y = operands.out(0);
    return () -> kernel.forward(x, rule, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new ResampleGradient(sameDiff, rule(), andInputs(gradients.get(0))).gradients();
  }
}
