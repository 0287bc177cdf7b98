package io.elapid.kernel;

/**
 * Affine map {@code y = x w^T + bias}: {@code x: (B, I)}, {@code w: (O, I)}, {@code bias: (O)},
 * {@code y: (B, O)}.
 */
public interface LinearKernel {
  /** Writes {@code y}. */
  void forward(Tensor x, Tensor w, Tensor bias, Tensor y);

  /** {@code dx = dy w}, {@code dw = dy^T x}, {@code dbias = sum over the batch of dy}. */
  void gradient(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw, Tensor dbias);
}
