package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.LayerNormKernel;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Layer normalisation over dimension 1; see {@link LayerNormKernel}.
 *
 * <p>{@code x: (B, C, ...)}; {@code weight, bias}: C values in any shape, as {@code (1, C, 1)} or
 * {@code (1, C, 1, 1)}.
 */
public final class LayerNorm2d extends ElapidOp {
  /** For SameDiff. */
  public LayerNorm2d() {}

  private LayerNorm2d(SameDiff graph, double eps, SDVariable... inputs) {
    super(graph, inputs);
    addTArgument(eps);
  }

  /** Adds a layer normalisation with epsilon 1e-5. */
  public static SDVariable apply(SameDiff graph, SDVariable x, SDVariable weight, SDVariable bias) {
    return new LayerNorm2d(graph, 1e-5, x, weight, bias).outputVariables()[0];
  }

  @Override
  public String opName() {
    return "elapid_layer_norm_2d";
  }

  @Override
  public int getNumOutputs() {
    return 3;
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] x = inputs.get(0);
    require(x.length >= 2, "input of rank %d", x.length);
    requireChannels(inputs, 1, x[1]);
    long[] positions = {x[0], elements(x) / (x[0] * x[1])};
    return List.of(x, positions, positions);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    LayerNormKernel kernel = kernels.layerNorm();
    var call =
        new LayerNormKernel.Forward(
            operands.in(0),
            operands.in(1),
            operands.in(2),
            getTArgument(0),
            operands.out(0),
            operands.out(1),
            operands.out(2));
    return () -> kernel.forward(call);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new LayerNorm2dGradient(
            sameDiff, gradients.get(0), arg(0), arg(1), arg(2), output(1), output(2))
        .gradients();
  }
}
