package io.elapid.backend.cpu;

import io.elapid.kernel.Tensor;

/** What a batch norm does to neighbouring channels: {@code scale x + shift}. */
record BatchNormAffines(float[] means, float[] invStds, float[] scales, float[] shifts) {
  /** Of the channels {@code [first, end)}, by {@code mean} and {@code invStd}. */
  static BatchNormAffines of(
      Tensor gamma, Tensor beta, int first, int end, Tensor mean, Tensor invStd) {
    BatchNormAffines all = room(end - first);
    for (int c = first; c < end; c++) {
      all.set(c - first, gamma.at(c), beta.at(c), (float) mean.at(c), (float) invStd.at(c));
    }
    return all;
  }

  /** By running statistics. */
  static BatchNormAffines running(
      Tensor gamma, Tensor beta, int first, int end, Tensor mean, Tensor variance, double eps) {
    BatchNormAffines all = room(end - first);
    for (int c = first; c < end; c++) {
      float invStd = (float) (1 / Math.sqrt(variance.at(c) + eps));
      all.set(c - first, gamma.at(c), beta.at(c), (float) mean.at(c), invStd);
    }
    return all;
  }

  private static BatchNormAffines room(int channels) {
    return new BatchNormAffines(
        new float[channels], new float[channels], new float[channels], new float[channels]);
  }

  private void set(int i, double gamma, double beta, float mean, float invStd) {
    means[i] = mean;
    invStds[i] = invStd;
    scales[i] = (float) gamma * invStd;
    shifts[i] = Math.fma(-mean, scales[i], (float) beta);
  }

  int channels() {
    return means.length;
  }

  ActivationRows rows(int length) {
    return new ActivationRows(length, scales, shifts);
  }
}
