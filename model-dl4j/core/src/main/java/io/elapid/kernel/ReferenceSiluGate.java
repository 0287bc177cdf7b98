package io.elapid.kernel;

final class ReferenceSiluGate implements SiluGateKernel {
  @Override
  public void forward(Tensor y, Tensor z, Tensor out) {
    for (int i = 0; i < y.size(); i++) {
      out.put(i, y.at(i) * Scalars.silu(z.at(i)));
    }
  }

  @Override
  public void gradient(Tensor dout, Tensor y, Tensor z, Tensor dy, Tensor dz) {
    for (int i = 0; i < y.size(); i++) {
      dy.put(i, dout.at(i) * Scalars.silu(z.at(i)));
      dz.put(i, dout.at(i) * y.at(i) * Scalars.siluDerivative(z.at(i)));
    }
  }
}
