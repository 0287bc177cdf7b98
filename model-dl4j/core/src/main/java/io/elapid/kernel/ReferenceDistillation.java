package io.elapid.kernel;

final class ReferenceDistillation implements DistillationKernel {
  @Override
  public void forward(
      Tensor logits, Tensor teacher, double temperature, double weight, Tensor loss, Tensor slope) {
    int classes = logits.dim(1);
    double divergence = 0;
    for (int b = 0; b < logits.dim(0); b++) {
      int start = b * classes;
      double student = logOfSum(logits, start, classes, temperature);
      double expert = logOfSum(teacher, start, classes, temperature);
      for (int k = start; k < start + classes; k++) {
        double logP = teacher.at(k) / temperature - expert;
        double logQ = logits.at(k) / temperature - student;
        divergence += Math.exp(logP) * (logP - logQ);
        slope.put(k, weight / temperature * (Math.exp(logQ) - Math.exp(logP)));
      }
    }
    loss.put(0, weight * divergence);
  }

  /** {@code ln sum_k exp(x / temperature)} of a row. */
  private static double logOfSum(Tensor x, int start, int classes, double temperature) {
    double max = Double.NEGATIVE_INFINITY;
    for (int k = start; k < start + classes; k++) {
      max = Math.max(max, x.at(k) / temperature);
    }
    double sum = 0;
    for (int k = start; k < start + classes; k++) {
      sum += Math.exp(x.at(k) / temperature - max);
    }
    return max + Math.log(sum);
  }
}
