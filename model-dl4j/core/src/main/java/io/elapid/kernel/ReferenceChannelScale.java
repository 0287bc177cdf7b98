package io.elapid.kernel;

final class ReferenceChannelScale implements ChannelScaleKernel {
  @Override
  public void forward(Tensor x, Tensor s, Tensor y) {
    int length = x.sizeFrom(2);
    for (int i = 0; i < x.size(); i++) {
      y.put(i, x.at(i) * s.at(i / length));
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor x, Tensor s, Tensor dx, Tensor ds) {
    int length = x.sizeFrom(2);
    for (int row = 0; row < s.size(); row++) {
      double sum = 0;
      for (int i = row * length; i < (row + 1) * length; i++) {
        double g = dy.at(i);
        sum += g * x.at(i);
        dx.put(i, g * s.at(row));
      }
      ds.put(row, sum);
    }
  }
}
