package io.elapid.worker;

import io.elapid.collective.Collective;
import io.elapid.collective.InProcess;
import io.elapid.collective.TreeSum;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.ShardPlan;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How ranks come to the same weights: one training step, from data to updated weights. */
sealed interface StepSync {

  /**
   * Does one step on this rank's share of the global batch.
   *
   * @return loss and accuracy as far as this rank knows them: of the whole batch when gradients are
   *     all-reduced, of its own share when parameters are averaged
   */
  StepStats step(double learningRate) throws Exception;

  /**
   * Brings all ranks to the same weights now, if they are not. Called before evaluating and saving.
   */
  void settle() throws Exception;

  /** Whether all ranks have the same weights now. */
  default boolean settled() {
    return true;
  }

  /** What every kind of synchronisation works with. */
  record Parts(
      Trainer trainer,
      BatchLoader loader,
      Collective collective,
      ShardPlan plan,
      PhaseClock clock,
      StepTrace trace,
      StepSamples samples) {

    /** Computes this rank's shards one by one and hands each shard's vector to {@code tree}. */
    void computeShards(TreeSum tree, int firstLeaf) throws Exception {
      tree.reset();
      for (int i = 0; i < plan.count(); i++) {
        clock.enter(Phase.DATA);
        Batch batch = loader.next();
        samples.saw(batch.ids());
        clock.enter(Phase.COMPUTE);
        tree.add(firstLeaf + i, compute(batch));
        loader.recycle(batch);
      }
    }

    private ByteBuffer compute(Batch batch) {
      return trace.active()
          ? trainer.computeShard(batch, trace.observer())
          : trainer.computeShard(batch);
    }
  }

  /** Gradients are summed over all virtual shards at every step; all ranks take the same step. */
  final class AllReduced implements StepSync {
    private final Parts parts;
    private final TreeSum tree;
    private final ByteBuffer sum;

    AllReduced(Parts parts) {
      this.parts = parts;
      ShardPlan plan = parts.plan();
      int length = parts.trainer().vectorLength();
      this.tree = new TreeSum(plan.shards(), plan.first(), plan.count(), length);
      this.sum = floats(length);
    }

    @Override
    public StepStats step(double learningRate) throws Exception {
      parts.computeShards(tree, parts.plan().first());
      parts.clock().enter(Phase.SYNC);
      parts.collective().allReduce(tree, sum);
      parts.clock().enter(Phase.UPDATE);
      return parts.trainer().apply(sum, parts.plan().shards(), learningRate);
    }

    @Override
    public void settle() {}
  }

  /**
   * Each rank steps alone on its own shards; every few steps parameters, moments and statistics are
   * averaged over the ranks. DL4J's classic mode: less traffic, and a different optimisation.
   */
  final class Averaged implements StepSync {
    private final Parts parts;
    private final int every;
    private final Collective alone = InProcess.single();
    private final TreeSum own;
    private final ByteBuffer ownSum;
    private final TreeSum ranks;
    private final ByteBuffer average;
    private int sinceAverage;

    Averaged(Parts parts, int every) {
      this.parts = parts;
      this.every = every;
      int length = parts.trainer().vectorLength();
      int count = parts.plan().count();
      this.own = new TreeSum(count, 0, count, length);
      this.ownSum = floats(length);
      int state = parts.trainer().averagingVector().capacity() / Float.BYTES;
      this.ranks = new TreeSum(parts.collective().size(), parts.collective().rank(), 1, state);
      this.average = floats(state);
    }

    @Override
    public StepStats step(double learningRate) throws Exception {
      parts.computeShards(own, 0);
      parts.clock().enter(Phase.UPDATE);
      alone.allReduce(own, ownSum);
      StepStats stats = parts.trainer().apply(ownSum, parts.plan().count(), learningRate);
      sinceAverage++;
      if (sinceAverage == every) {
        settle();
      }
      return stats;
    }

    @Override
    public void settle() throws Exception {
      if (sinceAverage == 0) {
        return;
      }
      parts.clock().enter(Phase.SYNC);
      ranks.reset();
      ranks.add(parts.collective().rank(), parts.trainer().averagingVector());
      parts.collective().allReduce(ranks, average);
      parts.trainer().loadAverage(average, parts.collective().size());
      sinceAverage = 0;
    }

    @Override
    public boolean settled() {
      return sinceAverage == 0;
    }
  }

  private static ByteBuffer floats(int length) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(length, Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }
}
