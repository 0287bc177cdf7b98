package io.elapid.kernel;

/**
 * Softmax cross-entropy against soft targets, mean over the batch; {@code logits, targets,
 * probabilities: (B, K)}.
 */
public interface CrossEntropyKernel {
  /**
   * {@code loss = -1/B sum_b sum_k targets log softmax(logits)}; the softmax is saved for the
   * gradient.
   */
  void forward(Tensor logits, Tensor targets, Tensor loss, Tensor probabilities);

  /**
   * {@code dlogits = dloss / B * (probabilities * sum_k targets - targets)}; {@code dloss} is a
   * scalar.
   */
  void gradient(Tensor dloss, Tensor targets, Tensor probabilities, Tensor dlogits);
}
