package io.elapid.kernel;

final class ReferenceLinear implements LinearKernel {
  @Override
  public void forward(Tensor x, Tensor w, Tensor bias, Tensor y) {
    int in = w.dim(1);
    int out = w.dim(0);
    for (int b = 0; b < x.dim(0); b++) {
      for (int o = 0; o < out; o++) {
        double sum = bias.at(o);
        for (int i = 0; i < in; i++) {
          sum += x.at(b * in + i) * w.at(o * in + i);
        }
        y.put(b * out + o, sum);
      }
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw, Tensor dbias) {
    int in = w.dim(1);
    int out = w.dim(0);
    int batch = x.dim(0);
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < in; i++) {
        double sum = 0;
        for (int o = 0; o < out; o++) {
          sum += dy.at(b * out + o) * w.at(o * in + i);
        }
        dx.put(b * in + i, sum);
      }
    }
    for (int o = 0; o < out; o++) {
      double bias = 0;
      for (int b = 0; b < batch; b++) {
        bias += dy.at(b * out + o);
      }
      dbias.put(o, bias);
      for (int i = 0; i < in; i++) {
        double sum = 0;
        for (int b = 0; b < batch; b++) {
          sum += dy.at(b * out + o) * x.at(b * in + i);
        }
        dw.put(o * in + i, sum);
      }
    }
  }
}
