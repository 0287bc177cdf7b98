package io.elapid.data.loader;

/**
 * Which part of every global batch a rank computes.
 *
 * @param shards virtual shards of a global batch, V: the same for any number of ranks
 * @param first index of this rank's first virtual shard
 * @param count virtual shards of this rank, first to first + count - 1
 * @param samplesPerShard samples of each virtual shard in a step
 */
public record ShardPlan(int shards, int first, int count, int samplesPerShard) {
  public ShardPlan {
    if (shards <= 0 || first < 0 || count <= 0 || first + count > shards || samplesPerShard <= 0) {
      throw new IllegalArgumentException(
          "virtual shards %d to %d of %d with %d samples each"
              .formatted(first, first + count - 1, shards, samplesPerShard));
    }
  }

  /** The plan of {@code rank} out of {@code ranks}: contiguous shares, as equal as can be. */
  public static ShardPlan of(int shards, int rank, int ranks, int samplesPerShard) {
    int first = (int) ((long) shards * rank / ranks);
    int end = (int) ((long) shards * (rank + 1) / ranks);
    return new ShardPlan(shards, first, end - first, samplesPerShard);
  }
}
