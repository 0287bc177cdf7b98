package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.Tensor;
import io.elapid.kernel.Workers;

/**
 * Samples cut into blocks of neighbouring positions, of which all channels stay in the cache from
 * one pass over them to the next. Each position is computed alike wherever a block begins; one more
 * register ends a row that is no multiple of it, and may overlap the block before.
 *
 * @param width positions of a block: whole registers
 */
record LayerNormBlocks(int batch, int channels, int length, int width) {
  /** Numbers of a block: a quarter of a core's second cache for each of two tensors. */
  private static final int CACHED = 1 << 15;

  private static final int MOST = 1024;

  static LayerNormBlocks of(Tensor x) {
    int channels = x.dim(1);
    int fitting = Lanes.bound(Math.min(MOST, CACHED / channels));
    return new LayerNormBlocks(x.dim(0), channels, x.sizeFrom(2), Math.max(WIDTH, fitting));
  }

  /** Positions in whole registers; those behind them belong to the last block. */
  private int whole() {
    return Lanes.bound(length);
  }

  private int wholeBlocks() {
    return (whole() + width - 1) / width;
  }

  int perSample() {
    return wholeBlocks() + (whole() < length ? 1 : 0);
  }

  int count() {
    return batch * perSample();
  }

  int sample(int block) {
    return block / perSample();
  }

  private boolean isRest(int block) {
    return block % perSample() == wholeBlocks();
  }

  /** First position. */
  int from(int block) {
    return isRest(block) ? length - WIDTH : block % perSample() * width;
  }

  /** Positions, a multiple of the register width. */
  int size(int block) {
    return isRest(block) ? WIDTH : Math.min(width, whole() - from(block));
  }

  /** How many of the positions, the last ones, no other block has. */
  int fresh(int block) {
    return isRest(block) ? length - whole() : size(block);
  }

  /** Where the row of the first channel begins; the next one's is {@code length} behind. */
  int start(int block) {
    return sample(block) * channels * length + from(block);
  }

  void forEach(Workers workers, Workers.Range body) {
    workers.forEach(count(), (long) channels * Math.min(width, length), body);
  }
}
