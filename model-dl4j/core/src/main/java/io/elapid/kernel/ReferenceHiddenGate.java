package io.elapid.kernel;

final class ReferenceHiddenGate implements HiddenGateKernel {
  @Override
  public void forward(Tensor hz, Tensor d, Tensor y) {
    int half = y.sizeFrom(1);
    for (int i = 0; i < y.size(); i++) {
      int h = i / half * 2 * half + i % half;
      y.put(i, hz.at(h) * (Scalars.silu(hz.at(h + half)) + d.at(0)));
    }
  }

  @Override
  public void gradient(Tensor dy, Tensor hz, Tensor d, Tensor dhz, Tensor dd) {
    int half = dy.sizeFrom(1);
    double sum = 0;
    for (int i = 0; i < dy.size(); i++) {
      int h = i / half * 2 * half + i % half;
      double z = hz.at(h + half);
      dhz.put(h, dy.at(i) * (Scalars.silu(z) + d.at(0)));
      dhz.put(h + half, dy.at(i) * hz.at(h) * Scalars.siluDerivative(z));
      sum += dy.at(i) * hz.at(h);
    }
    dd.put(0, sum);
  }
}
