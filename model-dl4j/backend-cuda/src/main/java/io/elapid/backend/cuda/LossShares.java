package io.elapid.backend.cuda;

/** Blocks among which sums over many elements are shared; the same on every device. */
final class LossShares {
  /** Elements that are worth a block: a few for each of its threads. */
  private static final int SHARE = 2048;

  private static final int MOST = 1024;

  private LossShares() {}

  static int of(long elements) {
    return (int) Math.min(MOST, (elements + SHARE - 1) / SHARE);
  }
}
