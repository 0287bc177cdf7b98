package io.elapid.benchmark;

/**
 * What networks do to maps without computing much, each on a map of one of them at the resolution
 * of its paper. The floor is what memory takes: each number read and written once.
 */
public enum MapOperation {
  /** MobileMamba-B1, first stage. */
  HAAR(160, 16, 2),
  HAAR_INVERSE(160, 16, 2),
  /** TinyViM-B, second stage; its low frequencies are a sixteenth of a map. */
  LAPLACE_SPLIT(48, 28, 4),
  LAPLACE_SPLIT_GRADIENT(48, 28, 4),
  LAPLACE_MERGE(48, 28, 4),
  LAPLACE_MERGE_GRADIENT(48, 28, 4),
  /** EfficientVMamba-T, from the first stage to the second. */
  PATCH_GATHER(48, 56, 2),
  PATCH_SCATTER(48, 56, 2),
  /** TinyViM-B, second stage, in halves. */
  CHANNEL_SPLIT(96, 28, 1),
  CHANNEL_CONCAT(96, 28, 1);

  private final int channels;
  private final int side;
  private final int factor;

  MapOperation(int channels, int side, int factor) {
    this.channels = channels;
    this.side = side;
    this.factor = factor;
  }

  /** Channels of the large map. */
  public int channels() {
    return channels;
  }

  /** Height and width of the large map. */
  public int side() {
    return side;
  }

  /** How many times smaller the sides of the small maps are. */
  public int factor() {
    return factor;
  }

  /** The least that one call costs. */
  public Work work(int batch) {
    double map = (double) batch * channels * side * side;
    double low = map / (factor * factor);
    return switch (this) {
      case HAAR, HAAR_INVERSE, PATCH_GATHER, PATCH_SCATTER, CHANNEL_SPLIT, CHANNEL_CONCAT ->
          Work.ofFloats(2 * map, 0, 0);
      case LAPLACE_SPLIT, LAPLACE_SPLIT_GRADIENT, LAPLACE_MERGE ->
          Work.ofFloats(2 * map + low, 0, 0);
      case LAPLACE_MERGE_GRADIENT -> Work.ofFloats(map + low, 0, 0);
    };
  }

  /** The least time of one call in nanoseconds. */
  public double floor(int batch, Work.Speeds speeds) {
    return work(batch).floor(speeds);
  }
}
