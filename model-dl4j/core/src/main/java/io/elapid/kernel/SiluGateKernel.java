package io.elapid.kernel;

/** Gate of a state-space branch: {@code out = y * silu(z)}, all of one shape. */
public interface SiluGateKernel {
  /** Writes {@code out}. */
  void forward(Tensor y, Tensor z, Tensor out);

  /** {@code dy = dout silu(z)}, {@code dz = dout y silu'(z)}. */
  void gradient(Tensor dout, Tensor y, Tensor z, Tensor dy, Tensor dz);
}
