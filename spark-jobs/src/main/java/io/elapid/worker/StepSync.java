package io.elapid.worker;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.collective.Collective;
import io.elapid.collective.HalfPrecision;
import io.elapid.collective.InProcess;
import io.elapid.collective.Threshold;
import io.elapid.collective.TopK;
import io.elapid.collective.TreeSum;
import io.elapid.config.SyncSpec;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.ImageBatch;
import io.elapid.data.loader.ShardPlan;
import io.elapid.engine.GradientListener;
import io.elapid.engine.StepStats;
import io.elapid.engine.Trainer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How ranks come to the same weights: one training step, from data to updated weights. */
sealed interface StepSync extends AutoCloseable
    permits StepSync.AllReduced, StepSync.Overlapped, CompressedSync, StepSync.Averaged {

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

  /**
   * Whether to save and end now, at the driver's wish. All ranks call it before every step; rank 0
   * decides, and the others go on until it has left.
   *
   * @param asked whether the driver wants this rank to end
   */
  default boolean stops(boolean asked) {
    return asked && settled();
  }

  /** What a checkpoint needs beyond the trainer's state, as it was when the ranks last settled. */
  default List<NamedTensor> state() {
    return List.of();
  }

  /** Goes on from what {@link #state} had given to a checkpoint. */
  default void restore(Map<String, NamedTensor> state) {}

  /** Returns when nothing reads the trainer's memory any more; the collective is closed before. */
  @Override
  void close();

  /** The one that a recipe asks for. */
  static StepSync of(SyncSpec recipe, Parts<?> parts) {
    return switch (recipe.mode()) {
      case ALL_REDUCE -> reducing(recipe, parts);
      case AVERAGE -> new Averaged(parts, recipe.every());
      case DL4J -> throw new IllegalArgumentException("ranks do not come together by themselves");
    };
  }

  private static StepSync reducing(SyncSpec recipe, Parts<?> parts) {
    if (parts.collective().size() == 1) {
      return new AllReduced(parts);
    }
    return switch (recipe.compression()) {
      case NONE ->
          recipe.overlap() == SyncSpec.Overlap.BACKWARD
                  && recipe.batchNorm() == SyncSpec.BatchNorm.SHARD
              ? new Overlapped(parts)
              : new AllReduced(parts);
      case FP16 -> new CompressedSync(parts, new HalfPrecision());
      case TOP_K -> new CompressedSync(parts, new TopK(recipe.topK()));
      case THRESHOLD -> new CompressedSync(parts, new Threshold((float) recipe.threshold()));
    };
  }

  /**
   * What every kind of synchronisation works with.
   *
   * @param norms what batch norms take their statistics of
   */
  record Parts<B extends ImageBatch>(
      Trainer<B> trainer,
      BatchLoader<B> loader,
      Collective collective,
      ShardPlan plan,
      SyncSpec.BatchNorm norms,
      PhaseClock clock,
      StepTrace trace,
      StepSamples samples) {
    /** Does nothing about gradients, but has them brought to the CPU, which adds them up. */
    private static final GradientListener BROUGHT = (from, to) -> {};

    /** Computes this rank's shards and hands each shard's vector to {@code tree}. */
    void computeShards(TreeSum tree, int firstLeaf) throws Exception {
      tree.reset();
      switch (norms) {
        case SHARD -> computeShards(tree, firstLeaf, plan.count());
        case BATCH -> computeTogether(tree, firstLeaf);
      }
    }

    /** Side by side, since they meet in the middle. */
    private void computeTogether(TreeSum tree, int firstLeaf) throws Exception {
      clock.enter(Phase.DATA);
      List<B> batches = new ArrayList<>();
      for (int i = 0; i < plan.count(); i++) {
        batches.add(loader.next());
        samples.saw(batches.get(i).ids());
      }
      clock.enter(Phase.COMPUTE);
      List<ByteBuffer> vectors =
          trainer.computeShards(
              batches, new NormMeeting(collective, plan.shards(), clock), trace.observer());
      for (int i = 0; i < vectors.size(); i++) {
        tree.add(firstLeaf + i, vectors.get(i));
        loader.recycle(batches.get(i));
      }
    }

    /** The first {@code count} of them, one by one. */
    void computeShards(TreeSum tree, int firstLeaf, int count) throws Exception {
      for (int i = 0; i < count; i++) {
        tree.add(firstLeaf + i, computeNext(BROUGHT));
      }
    }

    /** Computes the next shard; until its batch is there the time counts as waiting for data. */
    ByteBuffer computeNext(GradientListener listener) throws Exception {
      clock.enter(Phase.DATA);
      B batch = loader.next();
      samples.saw(batch.ids());
      clock.enter(Phase.COMPUTE);
      ByteBuffer vector = trainer.computeShard(batch, trace.observer(), listener);
      loader.recycle(batch);
      return vector;
    }
  }

  /** Gradients are summed over all virtual shards at every step; all ranks take the same step. */
  final class AllReduced implements StepSync {
    private final Parts<?> parts;
    private final TreeSum tree;
    private final ByteBuffer sum;

    AllReduced(Parts<?> parts) {
      this.parts = parts;
      this.tree = tree(parts);
      this.sum = floats(tree.length());
    }

    private static TreeSum tree(Parts<?> parts) {
      ShardPlan plan = parts.plan();
      int length = parts.trainer().vectorLength();
      return new TreeSum(plan.shards(), plan.first(), plan.count(), length);
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

    @Override
    public void close() {}
  }

  /**
   * As {@link AllReduced} and to the same bits, but while the rank's last shard is still in its
   * backward pass, the gradients that are final are summed already.
   */
  final class Overlapped implements StepSync {
    private final Parts<?> parts;
    private final TreeSum tree;
    private final ByteBuffer sum;
    private final EarlySums early;

    Overlapped(Parts<?> parts) {
      this.parts = parts;
      this.tree = AllReduced.tree(parts);
      this.sum = floats(tree.length());
      this.early = new EarlySums(parts.collective(), tree, sum);
    }

    @Override
    public StepStats step(double learningRate) throws Exception {
      int last = parts.plan().count() - 1;
      tree.reset();
      parts.computeShards(tree, parts.plan().first(), last);
      early.begin(parts.plan().first() + last);
      ByteBuffer vector = parts.computeNext(early);
      parts.clock().enter(Phase.SYNC);
      early.finish(vector);
      parts.clock().enter(Phase.UPDATE);
      return parts.trainer().apply(sum, parts.plan().shards(), learningRate);
    }

    @Override
    public void settle() {}

    @Override
    public void close() {
      early.close();
    }
  }

  /**
   * Each rank steps alone on its own shards; every few steps parameters, moments and statistics are
   * averaged over the ranks, in proportion to their samples. DL4J's classic mode: less traffic, and
   * a different optimisation.
   */
  final class Averaged implements StepSync {
    private final Parts<?> parts;
    private final int every;
    private final OwnShards own;
    private final TreeSum ranks;
    private final ByteBuffer share;
    private final ByteBuffer average;
    private int sinceAverage;

    Averaged(Parts<?> parts, int every) {
      this.parts = parts;
      this.every = every;
      this.own = new OwnShards(parts);
      this.ranks = ofRanks(parts.collective(), parts.trainer().averagedLength());
      this.share = floats(ranks.length());
      this.average = floats(ranks.length());
    }

    @Override
    public StepStats step(double learningRate) throws Exception {
      ByteBuffer mine = own.sum();
      parts.clock().enter(Phase.UPDATE);
      StepStats stats = parts.trainer().apply(mine, parts.plan().count(), learningRate);
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
      parts.trainer().averagingShare((double) parts.plan().count() / parts.plan().shards(), share);
      ranks.reset();
      ranks.add(parts.collective().rank(), share);
      parts.collective().allReduce(ranks, average);
      parts.trainer().loadAverage(average);
      sinceAverage = 0;
    }

    @Override
    public boolean settled() {
      return sinceAverage == 0;
    }

    @Override
    public void close() {}
  }

  /** The sum over this rank's shards alone. */
  final class OwnShards {
    private final Parts<?> parts;
    private final Collective alone = InProcess.single();
    private final TreeSum tree;
    private final ByteBuffer sum;

    OwnShards(Parts<?> parts) {
      this.parts = parts;
      int count = parts.plan().count();
      this.tree = new TreeSum(count, 0, count, parts.trainer().vectorLength());
      this.sum = floats(tree.length());
    }

    ByteBuffer sum() throws Exception {
      parts.computeShards(tree, 0);
      alone.allReduce(tree, sum);
      return sum;
    }
  }

  /** A sum over ranks, one vector each. */
  static TreeSum ofRanks(Collective collective, int length) {
    return new TreeSum(collective.size(), collective.rank(), 1, length);
  }

  static ByteBuffer floats(int length) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(length, Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }
}
