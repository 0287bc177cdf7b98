package io.elapid.kernel;

final class ReferenceLayerNorm implements LayerNormKernel {
  @Override
  public void forward(Forward a) {
    int channels = a.x().dim(1);
    int length = a.x().sizeFrom(2);
    for (int b = 0; b < a.x().dim(0); b++) {
      for (int l = 0; l < length; l++) {
        int start = b * channels * length + l;
        double sum = 0;
        for (int c = 0; c < channels; c++) {
          sum += a.x().at(start + c * length);
        }
        double mean = sum / channels;
        double squares = 0;
        for (int c = 0; c < channels; c++) {
          double d = a.x().at(start + c * length) - mean;
          squares += d * d;
        }
        double invStd = 1 / Math.sqrt(squares / channels + a.eps());
        for (int c = 0; c < channels; c++) {
          int i = start + c * length;
          a.y().put(i, (a.x().at(i) - mean) * invStd * a.weight().at(c) + a.bias().at(c));
        }
        a.mean().put(b * length + l, mean);
        a.invStd().put(b * length + l, invStd);
      }
    }
  }

  @Override
  public void gradient(Gradient a) {
    int channels = a.x().dim(1);
    int length = a.x().sizeFrom(2);
    double[] dweight = new double[channels];
    double[] dbias = new double[channels];
    for (int b = 0; b < a.x().dim(0); b++) {
      for (int l = 0; l < length; l++) {
        int start = b * channels * length + l;
        double mean = a.mean().at(b * length + l);
        double invStd = a.invStd().at(b * length + l);
        double sum = 0;
        double dot = 0;
        for (int c = 0; c < channels; c++) {
          int i = start + c * length;
          double xhat = (a.x().at(i) - mean) * invStd;
          double dy = a.dy().at(i);
          dweight[c] += dy * xhat;
          dbias[c] += dy;
          sum += dy * a.weight().at(c);
          dot += dy * a.weight().at(c) * xhat;
        }
        for (int c = 0; c < channels; c++) {
          int i = start + c * length;
          double xhat = (a.x().at(i) - mean) * invStd;
          a.dx()
              .put(
                  i,
                  invStd
                      * (a.dy().at(i) * a.weight().at(c) - sum / channels - xhat * dot / channels));
        }
      }
    }
    for (int c = 0; c < channels; c++) {
      a.dweight().put(c, dweight[c]);
      a.dbias().put(c, dbias[c]);
    }
  }
}
