package io.elapid.kernel;

import io.elapid.kernel.Resampling.Taps;

final class ReferenceResample implements ResampleKernel {
  @Override
  public void forward(Tensor x, Resampling rule, Tensor y) {
    for (int i = 0; i < y.size(); i++) {
      Taps rows = rule.taps(i / y.dim(3) % y.dim(2), x.dim(2), y.dim(2));
      Taps columns = rule.taps(i % y.dim(3), x.dim(3), y.dim(3));
      int plane = i / y.sizeFrom(2) * x.sizeFrom(2);
      double sum = 0;
      for (int r = 0; r < rows.weights().length; r++) {
        int at = plane + (rows.first() + r) * x.dim(3) + columns.first();
        for (int c = 0; c < columns.weights().length; c++) {
          sum += rows.weights()[r] * columns.weights()[c] * x.at(at + c);
        }
      }
      y.put(i, sum);
    }
  }

  @Override
  public void gradient(Tensor dy, Resampling rule, Tensor dx) {
    double[] sums = new double[dx.size()];
    for (int i = 0; i < dy.size(); i++) {
      Taps rows = rule.taps(i / dy.dim(3) % dy.dim(2), dx.dim(2), dy.dim(2));
      Taps columns = rule.taps(i % dy.dim(3), dx.dim(3), dy.dim(3));
      int plane = i / dy.sizeFrom(2) * dx.sizeFrom(2);
      for (int r = 0; r < rows.weights().length; r++) {
        int at = plane + (rows.first() + r) * dx.dim(3) + columns.first();
        for (int c = 0; c < columns.weights().length; c++) {
          sums[at + c] += rows.weights()[r] * columns.weights()[c] * dy.at(i);
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      dx.put(i, sums[i]);
    }
  }
}
