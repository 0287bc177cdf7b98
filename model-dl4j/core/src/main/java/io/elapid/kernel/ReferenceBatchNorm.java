package io.elapid.kernel;

final class ReferenceBatchNorm implements BatchNormKernel {
  /** What is done to the values of one channel. */
  private interface Visitor {
    void visit(int index);
  }

  @Override
  public void train(Train a) {
    for (int c = 0; c < a.x().dim(1); c++) {
      double variance = putMoments(a.x(), c, a.mean(), a.variance());
      a.invStd().put(c, 1 / Math.sqrt(variance + a.eps()));
    }
    repeat(new Repeat(a.x(), a.gamma(), a.beta(), a.mean(), a.invStd(), a.activation(), a.y()));
  }

  @Override
  public void moments(Moments a) {
    for (int c = 0; c < a.x().dim(1); c++) {
      putMoments(a.x(), c, a.mean(), a.variance());
    }
  }

  /** Returns the biased variance. */
  private static double putMoments(Tensor x, int c, Tensor means, Tensor variances) {
    int values = x.size() / x.dim(1);
    double[] sum = new double[2];
    eachOf(x, c, i -> sum[0] += x.at(i));
    double mean = sum[0] / values;
    eachOf(x, c, i -> sum[1] += (x.at(i) - mean) * (x.at(i) - mean));
    double variance = sum[1] / values;
    means.put(c, mean);
    variances.put(c, values > 1 ? sum[1] / (values - 1) : variance);
    return variance;
  }

  @Override
  public void repeat(Repeat a) {
    for (int c = 0; c < a.x().dim(1); c++) {
      Affine affine = affine(a.gamma(), a.beta(), c, a.mean().at(c), a.invStd().at(c));
      normalise(a.x(), c, affine, a.activation(), a.y());
    }
  }

  @Override
  public void trainGradient(TrainGradient a) {
    int values = a.x().size() / a.x().dim(1);
    for (int c = 0; c < a.x().dim(1); c++) {
      double mean = a.mean().at(c);
      double invStd = a.invStd().at(c);
      Affine affine = affine(a.gamma(), a.beta(), c, mean, invStd);
      double[] sums = sums(a.dy(), a.x(), c, mean, invStd, affine, a.activation());
      a.dbeta().put(c, sums[0]);
      a.dgamma().put(c, sums[1]);
      double scale = a.gamma().at(c) * invStd;
      eachOf(
          a.x(),
          c,
          i -> {
            double x = a.x().at(i);
            double g = inner(a.activation(), affine.of(x), a.dy().at(i));
            a.dx().put(i, scale * (g - sums[0] / values - (x - mean) * invStd * sums[1] / values));
          });
    }
  }

  @Override
  public void inference(Inference a) {
    for (int c = 0; c < a.x().dim(1); c++) {
      double invStd = 1 / Math.sqrt(a.variance().at(c) + a.eps());
      normalise(
          a.x(), c, affine(a.gamma(), a.beta(), c, a.mean().at(c), invStd), a.activation(), a.y());
    }
  }

  @Override
  public void inferenceGradient(InferenceGradient a) {
    for (int c = 0; c < a.x().dim(1); c++) {
      double mean = a.mean().at(c);
      double invStd = 1 / Math.sqrt(a.variance().at(c) + a.eps());
      Affine affine = affine(a.gamma(), a.beta(), c, mean, invStd);
      double[] sums = sums(a.dy(), a.x(), c, mean, invStd, affine, a.activation());
      a.dbeta().put(c, sums[0]);
      a.dgamma().put(c, sums[1]);
      eachOf(
          a.x(),
          c,
          i ->
              a.dx()
                  .put(
                      i,
                      affine.scale * inner(a.activation(), affine.of(a.x().at(i)), a.dy().at(i))));
    }
  }

  /** The map before the activation, the same in forward and gradient. */
  private record Affine(double scale, double shift) {
    double of(double x) {
      return scale * x + shift;
    }
  }

  private static Affine affine(Tensor gamma, Tensor beta, int c, double mean, double invStd) {
    double scale = gamma.at(c) * invStd;
    return new Affine(scale, beta.at(c) - mean * scale);
  }

  private static void normalise(
      Tensor x, int c, Affine affine, ActivationKind activation, Tensor y) {
    eachOf(x, c, i -> y.put(i, ReferenceActivation.apply(activation, affine.of(x.at(i)))));
  }

  /** The gradient in the activation's argument {@code z}. */
  private static double inner(ActivationKind activation, double z, double gradient) {
    double saved =
        activation.differentiatesFromOutput() ? ReferenceActivation.apply(activation, z) : z;
    return ReferenceActivation.gradient(activation, gradient, saved);
  }

  /** {@code {sum(g), sum(g * xhat)}}. */
  private static double[] sums(
      Tensor dy,
      Tensor x,
      int c,
      double mean,
      double invStd,
      Affine affine,
      ActivationKind activation) {
    double[] sums = new double[2];
    eachOf(
        x,
        c,
        i -> {
          double g = inner(activation, affine.of(x.at(i)), dy.at(i));
          sums[0] += g;
          sums[1] += g * (x.at(i) - mean) * invStd;
        });
    return sums;
  }

  private static void eachOf(Tensor x, int channel, Visitor visitor) {
    int channels = x.dim(1);
    int length = x.sizeFrom(2);
    for (int b = 0; b < x.dim(0); b++) {
      int start = (b * channels + channel) * length;
      for (int i = start; i < start + length; i++) {
        visitor.visit(i);
      }
    }
  }
}
