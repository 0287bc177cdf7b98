package io.elapid.nn;

import io.elapid.graph.Weights;

/**
 * Merges a batch norm into the layer next to it, computed in double, with {@code g = gamma /
 * sqrt(variance + eps)}. Into a convolution before it: the weight becomes {@code g w} per output
 * channel and the bias {@code beta + (b - mean) g}.
 *
 * @param weight name of the convolution's weight
 * @param weightShape its shape
 * @param bias name of the convolution's bias; empty if it has none
 * @param norm name of the batch norm
 */
record BatchNormFolding(String weight, long[] weightShape, String bias, String norm) {

  static BatchNormFolding unbiased(String convolution, long[] weightShape, String norm) {
    return new BatchNormFolding(convolution + ".weight", weightShape, "", norm);
  }

  static BatchNormFolding biased(String convolution, long[] weightShape, String norm) {
    return new BatchNormFolding(convolution + ".weight", weightShape, convolution + ".bias", norm);
  }

  double[] weight(Weights trainForm) {
    return scaled(trainForm.values(weight, weightShape), scale(trainForm, norm, channels()));
  }

  double[] bias(Weights trainForm) {
    double[] before =
        bias.isEmpty() ? new double[(int) channels()] : trainForm.values(bias, channels());
    return normalised(trainForm, norm, before);
  }

  /** Each output channel's weights times its factor. */
  static double[] scaled(double[] weight, double[] factors) {
    double[] scaled = weight.clone();
    int taps = scaled.length / factors.length;
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factors[i / taps];
    }
    return scaled;
  }

  /** One value per channel after the batch norm: {@code beta + (x - mean) g}. */
  static double[] normalised(Weights trainForm, String norm, double[] x) {
    double[] scale = scale(trainForm, norm, x.length);
    double[] beta = trainForm.values(norm + ".bias", x.length);
    double[] mean = trainForm.values(norm + ".running_mean", x.length);
    double[] y = new double[x.length];
    for (int c = 0; c < y.length; c++) {
      y[c] = beta[c] + (x[c] - mean[c]) * scale[c];
    }
    return y;
  }

  /** {@code g} of a batch norm. */
  static double[] scale(Weights trainForm, String norm, long channels) {
    double[] gamma = trainForm.values(norm + ".weight", channels);
    double[] variance = trainForm.values(norm + ".running_var", channels);
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
