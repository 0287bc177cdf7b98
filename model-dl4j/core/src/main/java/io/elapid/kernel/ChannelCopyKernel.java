package io.elapid.kernel;

import java.util.List;

/**
 * Moves blocks of channels: {@code whole: (B, C, ...)}, {@code parts}: {@code (B, C_i, ...)} with
 * {@code sum(C_i) = C}, in order.
 */
public interface ChannelCopyKernel {
  /** Writes the parts. */
  void split(Tensor whole, List<Tensor> parts);

  /** Writes the whole. */
  void concatenate(List<Tensor> parts, Tensor whole);
}
