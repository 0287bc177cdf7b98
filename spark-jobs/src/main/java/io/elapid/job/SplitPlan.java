package io.elapid.job;

import io.elapid.data.shard.SampleHash;
import io.elapid.data.shard.ShardSummary;
import java.io.Serializable;

/**
 * How one split is cut into shards.
 *
 * @param split its name
 * @param samples how many it has
 * @param bytes their encoded size
 * @param digest of everything that was listed of it
 * @param first number of its first shard, counted over all splits
 * @param shards how many shards it gets
 */
record SplitPlan(String split, long samples, long bytes, long digest, int first, int shards)
    implements Serializable {

  /**
   * The shard of a sample whose keyed hash is {@code hash}: floor(hash / 2^64 * shards), counted
   * over all splits.
   */
  int shardOf(long hash) {
    return first + SampleHash.shard(hash, shards);
  }

  /** The file of a shard of this split, relative to the data set. */
  String file(int shard) {
    return split + "/" + ShardSummary.fileName(shard - first, shards);
  }
}
