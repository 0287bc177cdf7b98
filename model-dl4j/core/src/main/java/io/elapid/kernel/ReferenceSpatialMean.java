package io.elapid.kernel;

final class ReferenceSpatialMean implements SpatialMeanKernel {
  @Override
  public void forward(Tensor x, Tensor y) {
    int length = x.sizeFrom(2);
    for (int row = 0; row < y.size(); row++) {
      double sum = 0;
      for (int i = 0; i < length; i++) {
        sum += x.at(row * length + i);
      }
      y.put(row, sum / length);
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor dx) {
    int length = dx.sizeFrom(2);
    for (int i = 0; i < dx.size(); i++) {
      dx.put(i, dy.at(i / length) / length);
    }
  }
}
