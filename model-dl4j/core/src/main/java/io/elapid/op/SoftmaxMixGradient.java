package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.SoftmaxMixKernel;
import io.elapid.kernel.Tensor;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Gradient of {@link SoftmaxMix}: {@code (dy, weights, logits_1..n)} to {@code (dweights,
 * dlogits_1..n)}.
 */
public final class SoftmaxMixGradient extends GradientOp {
  /** For SameDiff. */
  public SoftmaxMixGradient() {}

  SoftmaxMixGradient(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
    addIArgument(inputs.length - 1);
  }

  @Override
  public String opName() {
    return "elapid_softmax_mix_gradient";
  }

  @Override
  public int getNumOutputs() {
    return attribute(0);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    SoftmaxMixKernel kernel = kernels.softmaxMix();
    Tensor dy = operands.in(0);
    Tensor weights = operands.in(1);
    List<Tensor> logits = operands.ins(2, operands.inputs());
    Tensor dweights = operands.out(0);
    List<Tensor> dlogits = operands.outs(1, operands.outputs());
    return () -> kernel.gradient(dy, weights, logits, dweights, dlogits);
  }
}
