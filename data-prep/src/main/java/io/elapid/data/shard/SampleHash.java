package io.elapid.data.shard;

import io.elapid.data.SplitMix;
import java.nio.charset.StandardCharsets;

/**
 * The order in which a data set is stored: by a keyed hash of each sample's id.
 *
 * <p>A shuffle that needs no coordination: every task computes it by itself, and it is the same for
 * the same seed whatever the layout, the machine or the number of tasks.
 */
public final class SampleHash {
  private SampleHash() {}

  /** An unsigned 64-bit hash, as good as random for any two different ids or seeds. */
  public static long of(String id, long seed) {
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    long hash = SplitMix.derive(seed, bytes.length);
    for (int at = 0; at < bytes.length; at += 8) {
      long word = 0;
      for (int i = at; i < Math.min(at + 8, bytes.length); i++) {
        word = word << 8 | (bytes[i] & 0xFF);
      }
      hash = SplitMix.derive(hash, word);
    }
    return hash;
  }

  /** The shard 0..shards-1 of a hash: hash / 2^64 x shards, so that shards are ranges in order. */
  public static int shard(long hash, int shards) {
    if (shards <= 0) {
      throw new IllegalArgumentException("shards must be positive, not " + shards);
    }
    // The high word of an unsigned product; shards fits in 31 bits, so the halves can be summed.
    long low = (hash & 0xFFFFFFFFL) * shards;
    long high = (hash >>> 32) * shards + (low >>> 32);
    return (int) (high >>> 32);
  }
}
