package io.elapid.op;

import io.elapid.kernel.KernelSet;
import io.elapid.kernel.SoftmaxMixKernel;
import io.elapid.kernel.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Learnt mixture of n heads: {@code sum_i softmax(weights)_i * logits_i}; {@code weights: (n)}, all
 * logits of one shape.
 */
public final class SoftmaxMix extends ElapidOp {
  /** For SameDiff. */
  public SoftmaxMix() {}

  private SoftmaxMix(SameDiff graph, SDVariable... inputs) {
    super(graph, inputs);
  }

  /** Adds the op. */
  public static SDVariable apply(SameDiff graph, SDVariable weights, List<SDVariable> logits) {
    List<SDVariable> inputs = new ArrayList<>(logits);
    inputs.add(0, weights);
    return new SoftmaxMix(graph, inputs.toArray(SDVariable[]::new)).outputVariable();
  }

  @Override
  public String opName() {
    return "elapid_softmax_mix";
  }

  @Override
  List<long[]> outputShapes(List<long[]> inputs) {
    long[] first = inputs.get(1);
    for (long[] logits : inputs.subList(1, inputs.size())) {
      require(Arrays.equals(first, logits), "heads %s and %s differ", shape(first), shape(logits));
    }
    require(
        elements(inputs.get(0)) == inputs.size() - 1,
        "%d weights for %d heads",
        elements(inputs.get(0)),
        inputs.size() - 1);
    return List.of(first);
  }

  @Override
  Runnable bind(Operands operands, KernelSet kernels) {
    SoftmaxMixKernel kernel = kernels.softmaxMix();
    Tensor weights = operands.in(0);
    List<Tensor> logits = operands.ins(1, operands.inputs());
    Tensor y = operands.out(0);
    return () -> kernel.forward(weights, logits, y);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return new SoftmaxMixGradient(sameDiff, andInputs(gradients.get(0))).gradients();
  }
}
