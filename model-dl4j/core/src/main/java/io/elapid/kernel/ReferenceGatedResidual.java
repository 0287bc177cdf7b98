package io.elapid.kernel;

final class ReferenceGatedResidual implements GatedResidualKernel {
  @Override
  public void forward(Tensor x, Tensor f, Tensor alpha, int row, Tensor y) {
    int channels = x.dim(1);
    int length = x.sizeFrom(2);
    for (int i = 0; i < x.size(); i++) {
      double s = Scalars.sigmoid(alpha.at(row * channels + i / length % channels));
      y.put(i, (1 - s) * x.at(i) + s * f.at(i));
    }
  }

  @Override
  public void gradient(Gradient a) {
    int channels = a.x().dim(1);
    int length = a.x().sizeFrom(2);
    double[] sums = new double[channels];
    for (int i = 0; i < a.x().size(); i++) {
      int c = i / length % channels;
      double s = Scalars.sigmoid(a.alpha().at(a.row() * channels + c));
      double dy = a.dy().at(i);
      sums[c] += dy * (a.f().at(i) - a.x().at(i));
      a.dx().put(i, (1 - s) * dy);
      a.df().put(i, s * dy);
    }
    a.dalpha().fill(0);
    for (int c = 0; c < channels; c++) {
      double s = Scalars.sigmoid(a.alpha().at(a.row() * channels + c));
      a.dalpha().put(a.row() * channels + c, s * (1 - s) * sums[c]);
    }
  }
}
