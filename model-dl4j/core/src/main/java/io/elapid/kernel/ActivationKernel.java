package io.elapid.kernel;

/** Elementwise activation, any shape. */
public interface ActivationKernel {
  /** {@code y = f(x)}; {@code y} may be {@code x}. */
  void forward(ActivationKind kind, Tensor x, Tensor y);

  /**
   * {@code dx = dy * f'}; {@code dx} may be one of the inputs.
   *
   * @param saved {@code y} where {@link ActivationKind#differentiatesFromOutput()}, else {@code x}
   */
  void gradient(ActivationKind kind, Tensor dy, Tensor saved, Tensor dx);
}
