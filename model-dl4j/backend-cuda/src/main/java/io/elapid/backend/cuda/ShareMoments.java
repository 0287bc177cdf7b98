package io.elapid.backend.cuda;

/**
 * Room for mean and sum of squared distances of each share of each channel, and what is made of
 * them; see {@code batch_norm.cu}.
 */
record ShareMoments(ChannelMaps maps, long means, long squares) {
  static ShareMoments of(Frame frame, ChannelMaps maps) {
    long values = (long) maps.shares() * maps.channels();
    return new ShareMoments(maps, frame.scratch(values), frame.scratch(values));
  }

  /** Fills the room with those of a map. */
  Launch of(long x) {
    return Launch.of(
        CudaBatchNorm.MODULE,
        "batch_norm_moments",
        maps.byChannel(),
        maps.arguments().pointers(x, means, squares));
  }

  /** Writes the statistics of the whole batch. */
  Launch statistics(double eps, long mean, long variance, long invStd) {
    return Launch.of(
        CudaBatchNorm.MODULE,
        "batch_norm_statistics",
        Launch.Shape.elements(maps.channels()),
        maps.arguments()
            .numbers(maps.shares())
            .number((float) eps)
            .pointers(means, squares, mean, variance, invStd));
  }
}
