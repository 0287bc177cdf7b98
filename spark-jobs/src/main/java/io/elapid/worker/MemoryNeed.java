package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.engine.MemoryUse;

/**
 * Memory that one rank will take, in bytes, found out without taking it.
 *
 * @param tensors native memory of the network and a step
 * @param buffers direct buffers: batches made ahead, sums of gradients, the copy that a checkpoint
 *     is written from
 */
public record MemoryNeed(long tensors, long buffers) {
  /** Native operations and kernels take scratch memory that no plan knows. */
  private static final double SCRATCH = 1.2;

  /** Plans a rank of a run on a data set of that many classes. */
  public static MemoryNeed of(Recipe recipe, int classes) {
    int together = together(recipe);
    MemoryUse use = TrainingSetup.plan(recipe, classes);
    long picture = 3L * recipe.model().imageSize() * recipe.model().imageSize() * Float.BYTES;
    // a forward pass of the evaluation needs no more than one of training with as many pictures
    double evaluation =
        (double) use.arena()
            * recipe.evaluation().batchSize()
            / recipe.batch().samplesPerShard()
            / 2;
    long ahead =
        (recipe.data().prefetch() + 1L + together) * recipe.batch().samplesPerShard() * picture;
    int levels = Integer.SIZE - Integer.numberOfLeadingZeros(recipe.batch().shards());
    return new MemoryNeed(
        (long) (SCRATCH * (use.sideBySide(together).peak() + evaluation + use.state() / 2.0)),
        ahead + (levels + 2L) * use.vector() + use.state());
  }

  /** Shards that a rank computes at the same time: those of a batch that is normalised as one. */
  private static int together(Recipe recipe) {
    return switch (recipe.sync().batchNorm()) {
      case SHARD -> 1;
      case BATCH ->
          (recipe.batch().shards() + recipe.cluster().ranks() - 1) / recipe.cluster().ranks();
    };
  }
}
