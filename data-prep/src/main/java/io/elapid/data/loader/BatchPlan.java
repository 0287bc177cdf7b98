package io.elapid.data.loader;

import io.elapid.data.SplitMix;
import io.elapid.data.shard.Sample;
import java.util.ArrayList;
import java.util.List;

/** The endless or finite row of batches that a loader makes, still encoded. */
interface BatchPlan {
  /** What becomes of a sample that cannot be decoded. */
  enum Corrupt {
    /** Another sample of the batch takes its place: the batch keeps its size. */
    REPLACE,
    /** It is left out: nothing is counted twice. */
    OMIT
  }

  /**
   * A batch to be decoded.
   *
   * @param samples at most {@code capacity}
   * @param seeds of each sample's augmentation
   */
  record Encoded(List<Sample> samples, long[] seeds, int capacity, Corrupt corrupt) {}

  /** The next batch, or null at the end. */
  Encoded next() throws InterruptedException;

  /** Training: step by step, within a step shard by shard, epoch after epoch. */
  final class Training implements BatchPlan {
    private static final long AUGMENTATION = 3;

    private final SplitFiles files;
    private final RowSelection rows;
    private final Grouping grouping;
    private final SampleOrder order;
    private final ShardPlan plan;
    private final long seed;
    private final RowStream[] streams;
    private long epoch;
    private long step;
    private int shard;

    Training(
        SplitFiles files,
        RowSelection rows,
        Grouping grouping,
        SampleOrder order,
        ShardPlan plan,
        long seed,
        long startStep) {
      this.files = files;
      this.rows = rows;
      this.grouping = grouping;
      this.order = order;
      this.plan = plan;
      this.seed = seed;
      this.streams = new RowStream[plan.count()];
      this.epoch = startStep / order.stepsPerEpoch();
      this.step = startStep % order.stepsPerEpoch();
    }

    @Override
    public Encoded next() throws InterruptedException {
      Encoded batch = batch();
      if (++shard == plan.count()) {
        shard = 0;
        if (++step == order.stepsPerEpoch()) {
          step = 0;
          epoch++;
          java.util.Arrays.fill(streams, null);
        }
      }
      return batch;
    }

    private Encoded batch() throws InterruptedException {
      int samples = plan.samplesPerShard();
      int virtualShard = plan.first() + shard;
      if (streams[shard] == null) {
        long[] sequence = rows.arrange(order.sequence(epoch, virtualShard), samples, grouping);
        streams[shard] = new RowStream(files, sequence, Math.toIntExact(step * samples));
      }
      long position = (step * plan.shards() + virtualShard) * samples;
      return take(streams[shard], samples, samples, Corrupt.REPLACE, position, epoch, seed);
    }

    private static Encoded take(
        RowStream rows,
        int count,
        int capacity,
        Corrupt corrupt,
        long position,
        long epoch,
        long seed)
        throws InterruptedException {
      List<Sample> samples = new ArrayList<>(count);
      long[] seeds = new long[count];
      for (int i = 0; i < count; i++) {
        samples.add(rows.next());
        seeds[i] = SplitMix.derive(seed, AUGMENTATION, epoch, position + i);
      }
      return new Encoded(samples, seeds, capacity, corrupt);
    }
  }

  /** Evaluation: a rank's share of the stored order, once. */
  final class Evaluation implements BatchPlan {
    private final RowStream rows;
    private final int batchSize;
    private final long seed;
    private long position;

    Evaluation(RowStream rows, int batchSize, long firstPosition, long seed) {
      this.rows = rows;
      this.batchSize = batchSize;
      this.seed = seed;
      this.position = firstPosition;
    }

    @Override
    public Encoded next() throws InterruptedException {
      int count = Math.min(batchSize, rows.remaining());
      if (count == 0) {
        return null;
      }
      Encoded batch = Training.take(rows, count, batchSize, Corrupt.OMIT, position, 0, seed);
      position += count;
      return batch;
    }
  }
}
