package io.elapid.nn;

import io.elapid.graph.Weights;

/**
 * Merges a batch norm into the convolution without bias before it: with {@code g = gamma /
 * sqrt(variance + eps)}, the weight becomes {@code g w} per output channel and the bias {@code beta
 * - mean g}. Computed in double.
 *
 * @param weight name of the convolution's weight
 * @param weightShape its shape
 * @param norm name of the batch norm
 */
record BatchNormFolding(String weight, long[] weightShape, String norm) {

  double[] weight(Weights trainForm) {
    double[] scale = scale(trainForm);
    double[] folded = trainForm.values(weight, weightShape).clone();
    int taps = folded.length / scale.length;
    for (int i = 0; i < folded.length; i++) {
      folded[i] *= scale[i / taps];
    }
    return folded;
  }

  double[] bias(Weights trainForm) {
    double[] scale = scale(trainForm);
    double[] beta = trainForm.values(norm + ".bias", channels());
    double[] mean = trainForm.values(norm + ".running_mean", channels());
    double[] folded = new double[scale.length];
    for (int c = 0; c < folded.length; c++) {
      folded[c] = beta[c] - mean[c] * scale[c];
    }
    return folded;
  }

  private double[] scale(Weights trainForm) {
    double[] gamma = trainForm.values(norm + ".weight", channels());
    double[] variance = trainForm.values(norm + ".running_var", channels());
    double[] scale = new double[gamma.length];
    for (int c = 0; c < scale.length; c++) {
      scale[c] = gamma[c] / Math.sqrt(variance[c] + BatchNormalization.EPSILON);
    }
    return scale;
  }

  private long channels() {
    return weightShape[0];
  }
}
