package io.elapid.backend.cpu;

import static io.elapid.backend.cpu.Lanes.WIDTH;

import io.elapid.kernel.BatchNormKernel;
import io.elapid.kernel.Workers;

/**
 * Batch norms of small maps: so many neighbouring channels at a time that their maps of one sample
 * fill whole registers. Sums go down the samples first, for each position, and over a channel's
 * positions once at the end; no row has a rest of its own.
 */
record BatchNormBlocks(Workers workers, ChannelRows rows) implements BatchNormKernel {
  /** Numbers of one sample in a block: some arrays of as many stay in the nearest cache. */
  private static final int MOST = 1024;

  /**
   * Rows up to this length are small. At 7x7 (batch 16) row by row takes 0.8 to 1.3 times as long;
   * at 14x14 it takes 0.5 to 0.9 times, as rests cost longer rows little.
   */
  private static final int SMALL = 100;

  /** Whether channels divide into whole registers. */
  static boolean fits(ChannelRows rows) {
    return rows.length() <= SMALL && rows.channels() % unit(rows) == 0;
  }

  /** The least number of channels whose maps fill whole registers. */
  private static int unit(ChannelRows rows) {
    int unit = 1;
    while (unit * rows.length() % WIDTH != 0) {
      unit *= 2;
    }
    return unit;
  }

  private interface Body {
    void run(BatchNormBlock block);
  }

  private void forEach(Body body) {
    int unit = unit(rows);
    int channels = Math.max(1, MOST / rows.length() / unit) * unit;
    int blocks = (rows.channels() + channels - 1) / channels;
    workers.forEach(
        blocks,
        (long) channels * rows.values(),
        (from, to) -> {
          for (int b = from; b < to; b++) {
            int first = b * channels;
            body.run(new BatchNormBlock(rows, first, Math.min(rows.channels(), first + channels)));
          }
        });
  }

  @Override
  public void train(Train a) {
    forEach(
        block -> {
          block.statistics(a);
          BatchNormAffines affines =
              BatchNormAffines.of(
                  a.gamma(), a.beta(), block.first(), block.end(), a.mean(), a.invStd());
          block.map(affines, a.activation(), a.x(), a.y());
        });
  }

  @Override
  public void moments(Moments a) {
    forEach(block -> block.moments(a));
  }

  @Override
  public void repeat(Repeat a) {
    forEach(
        block ->
            block.map(
                BatchNormAffines.of(
                    a.gamma(), a.beta(), block.first(), block.end(), a.mean(), a.invStd()),
                a.activation(),
                a.x(),
                a.y()));
  }

  @Override
  public void inference(Inference a) {
    forEach(
        block ->
            block.map(
                BatchNormAffines.running(
                    a.gamma(),
                    a.beta(),
                    block.first(),
                    block.end(),
                    a.mean(),
                    a.variance(),
                    a.eps()),
                a.activation(),
                a.x(),
                a.y()));
  }

  @Override
  public void trainGradient(TrainGradient a) {
    forEach(
        block ->
            new BatchNormBlockGradient(
                    block,
                    BatchNormAffines.of(
                        a.gamma(), a.beta(), block.first(), block.end(), a.mean(), a.invStd()),
                    a.activation(),
                    a.dy().bytes(),
                    a.x().bytes(),
                    a.dx().bytes())
                .run(rows.values(), a.dgamma(), a.dbeta()));
  }

  @Override
  public void inferenceGradient(InferenceGradient a) {
    forEach(
        block ->
            new BatchNormBlockGradient(
                    block,
                    BatchNormAffines.running(
                        a.gamma(),
                        a.beta(),
                        block.first(),
                        block.end(),
                        a.mean(),
                        a.variance(),
                        a.eps()),
                    a.activation(),
                    a.dy().bytes(),
                    a.x().bytes(),
                    a.dx().bytes())
                .run(Double.POSITIVE_INFINITY, a.dgamma(), a.dbeta()));
  }
}
