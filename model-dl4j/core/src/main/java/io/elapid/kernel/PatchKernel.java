package io.elapid.kernel;

/**
 * Gathers the 2x2 neighbourhoods of maps into channels (Liu et al., "Swin Transformer", ICCV 2021).
 *
 * <p>{@code x: (B, C, H, W)}, {@code y: (B, 4 C, ceil(H / 2), ceil(W / 2))}: channel {@code q C +
 * c} of y at {@code (i, j)} is channel c of x at {@code (2 i + q % 2, 2 j + q / 2)}, zero outside.
 */
public interface PatchKernel {
  /** Writes {@code y}. */
  void gather(Tensor x, Tensor y);

  /**
   * The reverse, and gradient of {@link #gather}: writes {@code x}, leaving out what lies outside.
   */
  void scatter(Tensor y, Tensor x);
}
