package io.elapid.kernel;

import java.util.BitSet;

/** Which boxes {@link NonMaxSuppression} keeps, once they are in order. */
public interface SuppressionKernel {
  /**
   * The kept ones of n boxes: each box in turn is kept unless a kept one before it, of the same
   * kind, overlaps it with {@code IoU > threshold}. Computed in double, so that all kernels keep
   * the same boxes; one with a NaN neither suppresses others nor is suppressed.
   *
   * @param boxes x1, y1, x2, y2 of each
   * @param kinds of each; equal ones lie behind one another
   * @param limit of a kind; whether further ones are named is up to the kernel
   */
  BitSet keep(float[] boxes, int[] kinds, double threshold, int limit);
}
