package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.ShortcutNormKernel;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link ShortcutNorm}: {@code (dy, u, x, parameters, mean1, invStd1, mean2, invStd2)}
 * to {@code (du, dx, dparameters)}.
 */
public final class ShortcutNormGradient extends GradientOp {
  private static final int PARAMETERS = 3;
  private static final int SAVED = 9;

  /** For SameDiff. */
  public ShortcutNormGradient() {}

  ShortcutNormGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_shortcut_norm_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 8;
  }

  @Override
  public boolean overwrites(int index) {
    return index < 2;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    ShortcutNormKernel kernel = kernels.shortcutNorm();
    var call =
        new ShortcutNormKernel.Gradient(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            ShortcutNorm.parameters(operands, PARAMETERS),
            new ShortcutNormKernel.Saved(operands.in(SAVED), operands.in(SAVED + 1)),
            new ShortcutNormKernel.Saved(operands.in(SAVED + 2), operands.in(SAVED + 3)),
            operands.out(0),
            operands.out(1),
            new ShortcutNormKernel.Parameters(
                operands.out(2),
                operands.out(3),
                operands.out(4),
                operands.out(5),
                operands.out(6),
                operands.out(7)));
    return () -> kernel.gradient(call);
  }
}
