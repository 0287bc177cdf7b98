package io.elapid.kernel;

import java.util.List;

/**
 * Learnt mixture of several heads: {@code y = sum_i softmax(weights)_i * logits_i}, {@code weights:
 * (n)}, n equal shapes.
 */
public interface SoftmaxMixKernel {
  /** Writes {@code y}. */
  void forward(Tensor weights, List<Tensor> logits, Tensor y);

  /**
   * With {@code q_i = sum(dy * logits_i)}: {@code dlogits_i = p_i dy}, {@code dweights_i = p_i (q_i
   * - sum_j p_j q_j)}.
   */
  void gradient(
      Tensor dy, Tensor weights, List<Tensor> logits, Tensor dweights, List<Tensor> dlogits);
}
