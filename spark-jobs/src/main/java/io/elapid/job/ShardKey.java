package io.elapid.job;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Where a sample goes: the shard, and its place inside the shard.
 *
 * @param shard number over all splits
 * @param hash keyed hash of the id, an unsigned 64-bit number: the global shuffle
 * @param id breaks ties, so that the order is total
 */
record ShardKey(int shard, long hash, String id) implements Serializable, Comparable<ShardKey> {
  private static final Comparator<ShardKey> ORDER =
      Comparator.comparingInt(ShardKey::shard)
          .thenComparing(ShardKey::hash, Long::compareUnsigned)
          .thenComparing(ShardKey::id);

  @Override
  public int compareTo(ShardKey other) {
    return ORDER.compare(this, other);
  }
}
