package io.elapid.kernel;

import java.util.Optional;

/**
 * One factor per sample, as drop path applies it (Huang et al., "Deep Networks with Stochastic
 * Depth", ECCV 2016): {@code x, y: (B, ...)}, {@code factors: (B)}.
 */
public interface SampleScaleKernel {
  /** {@code y = factors[b] x + residual}. */
  void forward(Tensor x, Tensor factors, Optional<Tensor> residual, Tensor y);
}
