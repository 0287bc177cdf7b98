package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ShortcutNormKernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * {@code y = BN(BN(u) + (1 + weight) x + bias)}: what follows the convolution {@code u} of {@code
 * x} in {@code RepDw}, by the batch's own statistics; see {@link ShortcutNormKernel}.
 *
 * <p>{@code u, x, y: (B, C, ...)}; all others C values of any shape. Only {@code y} propagates a
 * gradient; the statistics are for running averages.
 */
public final class ShortcutNorm extends ElapidOp {
  /** Inputs before the parameters. */
  private static final int MAPS = 2;

  /** For SameDiff. */
  public ShortcutNorm() {}

  private ShortcutNorm(SameDiff graph, double eps, SDVariable... inputs) {
    super(graph, inputs);
    addTArgument(eps);
  }

  /**
   * What the op takes beside its maps.
   *
   * @param weight the shortcut's factors, without the 1 of the input itself
   * @param bias added to the shortcut
   */
  public record Parameters(SDVariable weight, SDVariable bias, Norm inner, Norm outer) {}

  /** Factors and shifts of a batch norm. */
  public record Norm(SDVariable gamma, SDVariable beta) {}

  /** A batch's mean (C) and its unbiased variance (C). */
  public record Statistics(SDVariable mean, SDVariable variance) {}

  /** Outputs: {@code y} as {@code x}, and what each norm saw. */
  public record Outputs(SDVariable y, Statistics inner, Statistics outer) {}

  /**
   * Adds the op.
   *
   * @param u what the convolution made of {@code x}
   */
  public static Outputs apply(
      SameDiff graph, SDVariable u, SDVariable x, Parameters by, double eps) {
    SDVariable[] out =
        new ShortcutNorm(
                graph,
                eps,
                u,
                x,
                by.weight(),
                by.bias(),
                by.inner().gamma(),
                by.inner().beta(),
                by.outer().gamma(),
                by.outer().beta())
            .outputVariables();
    return new Outputs(out[0], new Statistics(out[1], out[2]), new Statistics(out[3], out[4]));
  }

  @Override
  public String opName() {
    return "elapid_shortcut_norm";
  }

  @Override
  public int getNumOutputs() {
    return 7;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    require(x.length >= 2, "input of rank %d", x.length);
    require(
        Arrays.equals(x, inputs.get(1)),
        "convolution %s and shortcut %s differ",
        shape(x),
        shape(inputs.get(1)));
    requireChannels(inputs, MAPS, x[1]);
    List<long[]> shapes = new ArrayList<>(List.of(x));
    shapes.addAll(Collections.nCopies(getNumOutputs() - 1, new long[] {x[1]}));
    return shapes;
  }

  /** The shortcut is a depthwise convolution of one tap. */
  @Override
  public long multiplyAccumulates(List<long[]> inputs) {
    return elements(inputs.get(0));
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ShortcutNormKernel kernel = kernels.shortcutNorm();
    var call =
        new ShortcutNormKernel.Forward(
            operands.in(0),
            operands.in(1),
            parameters(operands, MAPS),
            getTArgument(0),
            operands.out(0),
            new ShortcutNormKernel.Statistics(operands.out(1), operands.out(2), operands.out(5)),
            new ShortcutNormKernel.Statistics(operands.out(3), operands.out(4), operands.out(6)));
    return () -> kernel.forward(call);
  }

  /** The inputs from {@code first} on. */
  static ShortcutNormKernel.Parameters parameters(Operands operands, int first) {
    return new ShortcutNormKernel.Parameters(
        operands.in(first),
        operands.in(first + 1),
        operands.in(first + 2),
        operands.in(first + 3),
        operands.in(first + 4),
        operands.in(first + 5));
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    List<SDVariable> inputs = new ArrayList<>(List.of(andInputs(gradients.get(0))));
    Collections.addAll(inputs, output(1), output(5), output(3), output(6));
    return new ShortcutNormGradient(sameDiff, inputs.toArray(SDVariable[]::new)).gradients();
  }
}
