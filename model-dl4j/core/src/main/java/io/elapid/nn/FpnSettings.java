package io.elapid.nn;

/**
 * Sizes of a feature pyramid.
 *
 * @param channels of every level
 * @param startLevel first map of the backbone that is used
 * @param outputs levels; those that no map of the backbone is left for are {@code extra}
 * @param extra how coarser levels than the backbone's are made
 * @param between what comes between two extra convolutions
 */
public record FpnSettings(
    long channels, int startLevel, int outputs, Extra extra, Between between) {

  /** Where coarser levels come from. */
  public enum Extra {
    /** Every second row and column of the level before. */
    SUBSAMPLED,
    /** Convolutions with stride 2, the first of the last map of the backbone. */
    FROM_INPUT,
    /** Convolutions with stride 2, the first of the last level. */
    FROM_OUTPUT
  }

  /** Before every extra convolution but the first. */
  public enum Between {
    NOTHING,
    RELU
  }

  /** Nothing between extra convolutions. */
  public FpnSettings(long channels, int startLevel, int outputs, Extra extra) {
    this(channels, startLevel, outputs, extra, Between.NOTHING);
  }
}
