package io.elapid.kernel;

/**
 * Gate of EfficientViM's hidden states: {@code y = h * silu(z) + d * h} for {@code hz = [h ; z]:
 * (B, 2C, N)}, {@code d: (1)}.
 */
public interface HiddenGateKernel {
  /** Writes {@code y: (B, C, N)}. */
  void forward(Tensor hz, Tensor d, Tensor y);

  /** {@code dh = dy (silu(z) + d)}, {@code dz = dy h silu'(z)}, {@code dd = sum(dy h)}. */
  void gradient(Tensor dy, Tensor hz, Tensor d, Tensor dhz, Tensor dd);
}
