package io.elapid.backend.cuda;

import io.elapid.kernel.Tensor;

/** Sizes of maps (B, C, L), and the grids of the kernels over them; see {@code channels.cuh}. */
record ChannelMaps(int batch, int channels, int length) {
  private static final int THREADS = 256;

  private static final int LANES = 32;

  /** Values of a channel that are worth a block of their own. */
  private static final int SHARE = 4096;

  private static final int MOST_SHARES = 64;

  static ChannelMaps of(Tensor x) {
    return new ChannelMaps(x.dim(0), x.dim(1), x.sizeFrom(2));
  }

  /** All elements as those of one channel. */
  static ChannelMaps oneChannel(Tensor x) {
    return new ChannelMaps(1, 1, x.size());
  }

  /** The struct Maps. */
  int[] struct() {
    return new int[] {batch, channels, length};
  }

  int values() {
    return batch * length;
  }

  /** Blocks among which a channel's values are shared; the same on every device. */
  int shares() {
    return Math.min(MOST_SHARES, (values() + SHARE - 1) / SHARE);
  }

  /** Every channel, by shares. */
  Launch.Shape byChannel() {
    return new Launch.Shape(channels, shares(), 1, THREADS, 0);
  }

  /** Every element. */
  Launch.Shape byElement() {
    return Launch.Shape.elements((long) batch * channels * length);
  }

  /** Every map, a block for each; its threads have at least four values where there are so many. */
  Launch.Shape byMap() {
    int warps = Math.max(1, Math.min(THREADS / LANES, length / (4 * LANES)));
    return new Launch.Shape(batch * channels, 1, 1, LANES * warps, 0);
  }

  Launch.Arguments arguments() {
    return new Launch.Arguments().struct(struct());
  }
}
