package io.elapid.kernel;

/**
 * One factor per sample and channel, as squeeze-and-excite applies it: {@code y = x * s}, {@code x:
 * (B, C, ...)}, {@code s: (B, C)}.
 */
public interface ChannelScaleKernel {
  /** Writes {@code y}. */
  void forward(Tensor x, Tensor s, Tensor y);

  /** {@code dx = dy * s}, {@code ds = sum over positions of dy * x}. */
  void gradient(Tensor dy, Tensor x, Tensor s, Tensor dx, Tensor ds);
}
