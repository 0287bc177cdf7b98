package io.elapid.kernel;

import java.util.List;

final class ReferenceSoftmaxMix implements SoftmaxMixKernel {
  @Override
  public void forward(Tensor weights, List<Tensor> logits, Tensor y) {
    double[] p = softmax(weights);
    for (int i = 0; i < y.size(); i++) {
      double sum = 0;
      for (int k = 0; k < p.length; k++) {
        sum += p[k] * logits.get(k).at(i);
      }
      y.put(i, sum);
    }
  }

  @Override
  public void gradient(
      Tensor dy, Tensor weights, List<Tensor> logits, Tensor dweights, List<Tensor> dlogits) {
    double[] p = softmax(weights);
    double[] q = new double[p.length];
    double mean = 0;
    for (int k = 0; k < p.length; k++) {
      for (int i = 0; i < dy.size(); i++) {
        dlogits.get(k).put(i, p[k] * dy.at(i));
        q[k] += dy.at(i) * logits.get(k).at(i);
      }
      mean += p[k] * q[k];
    }
    for (int k = 0; k < p.length; k++) {
      dweights.put(k, p[k] * (q[k] - mean));
    }
  }

  private static double[] softmax(Tensor weights) {
    double[] p = new double[weights.size()];
    double max = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < p.length; k++) {
      max = Math.max(max, weights.at(k));
    }
    double sum = 0;
    for (int k = 0; k < p.length; k++) {
      p[k] = Math.exp(weights.at(k) - max);
      sum += p[k];
    }
    for (int k = 0; k < p.length; k++) {
      p[k] /= sum;
    }
    return p;
  }
}
