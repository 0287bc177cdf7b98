package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LayerNormKernel;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link LayerNorm2d}: {@code (dy, x, weight, bias, mean, invStd)} to {@code (dx,
 * dweight, dbias)}; of bias only the shape counts.
 */
public final class LayerNorm2dGradient extends GradientOp {
  /** For SameDiff. */
  public LayerNorm2dGradient() {}

  LayerNorm2dGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  @Override
  public String opName() {
    return "elapid_layer_norm_2d_gradient";
  }

  @Override
  public int getNumOutputs() {
    return 3;
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    LayerNormKernel kernel = kernels.layerNorm();
    var call =
        new LayerNormKernel.Gradient(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            operands.in(4),
            operands.in(5),
            operands.out(0),
            operands.out(1),
            operands.out(2));
    return () -> kernel.gradient(call);
  }
}
