package io.elapid.job;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Where a sample goes: the shard, and its place inside the shard.
 *
 * @param shard number over all splits
 * @param hash keyed hash of the id, an unsigned 64-bit number: the global shuffle
 * @param id keeps what was listed of a sample together
 * @param order of what was listed of the same sample
 */
record ShardKey(int shard, long hash, String id, long order)
    implements Serializable, Comparable<ShardKey> {
  private static final Comparator<ShardKey> ORDER =
      Comparator.comparingInt(ShardKey::shard)
          .thenComparing(ShardKey::hash, Long::compareUnsigned)
          .thenComparing(ShardKey::id)
          .thenComparingLong(ShardKey::order);

  @Override
  public int compareTo(ShardKey other) {
    return ORDER.compare(this, other);
  }
}
