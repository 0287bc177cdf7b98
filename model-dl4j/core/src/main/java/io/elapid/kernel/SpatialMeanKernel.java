package io.elapid.kernel;

/** Mean over all positions: {@code x: (B, C, ...)} to {@code y: (B, C)}. */
public interface SpatialMeanKernel {
  /** Writes {@code y}. */
  void forward(Tensor x, Tensor y);

  /** {@code dx = dy / L} at each of the L positions. */
  void gradient(Tensor dy, Tensor dx);
}
