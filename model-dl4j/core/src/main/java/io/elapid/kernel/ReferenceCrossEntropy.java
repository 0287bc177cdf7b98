package io.elapid.kernel;

final class ReferenceCrossEntropy implements CrossEntropyKernel {
  @Override
  public void forward(Tensor logits, Tensor targets, Tensor loss, Tensor probabilities) {
    int classes = logits.dim(1);
    double total = 0;
    for (int b = 0; b < logits.dim(0); b++) {
      int start = b * classes;
      double max = Double.NEGATIVE_INFINITY;
      for (int k = start; k < start + classes; k++) {
        max = Math.max(max, logits.at(k));
      }
      double sum = 0;
      for (int k = start; k < start + classes; k++) {
        sum += Math.exp(logits.at(k) - max);
      }
      double logSum = max + Math.log(sum);
      for (int k = start; k < start + classes; k++) {
        probabilities.put(k, Math.exp(logits.at(k) - logSum));
        total += targets.at(k) * (logSum - logits.at(k));
      }
    }
    loss.put(0, total / logits.dim(0));
  }

  @Override
  public void gradient(Tensor dloss, Tensor targets, Tensor probabilities, Tensor dlogits) {
    int classes = targets.dim(1);
    double scale = dloss.at(0) / targets.dim(0);
    for (int b = 0; b < targets.dim(0); b++) {
      double mass = 0;
      for (int k = b * classes; k < (b + 1) * classes; k++) {
        mass += targets.at(k);
      }
      for (int k = b * classes; k < (b + 1) * classes; k++) {
        dlogits.put(k, scale * (probabilities.at(k) * mass - targets.at(k)));
      }
    }
  }
}
