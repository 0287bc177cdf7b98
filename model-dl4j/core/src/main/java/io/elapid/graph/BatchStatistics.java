package io.elapid.graph;

/** What batch norms take their statistics of in training. */
public enum BatchStatistics {
  /** Each shard of a batch by itself. */
  SHARD,
  /**
   * The whole batch: the shards meet in every batch norm, on the way forward and on the way back.
   */
  BATCH
}
