package io.elapid.kernel;

/**
 * Soft knowledge distillation (Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural
 * Network", 2015): how far a student's class probabilities at a temperature are from its teacher's;
 * {@code logits, teacher, slope: (B, K)}.
 */
public interface DistillationKernel {
  /**
   * With {@code p = softmax(teacher / temperature)} and {@code q = softmax(logits / temperature)}:
   * {@code loss = weight sum_b sum_k p (log p - log q)}, and {@code slope = dloss/dlogits = weight
   * / temperature (q - p)}, saved for the gradient.
   */
  void forward(
      Tensor logits, Tensor teacher, double temperature, double weight, Tensor loss, Tensor slope);
}
