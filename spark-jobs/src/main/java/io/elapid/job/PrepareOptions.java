package io.elapid.job;

import io.elapid.data.shard.ShardSettings;
import java.time.Duration;
import org.apache.hadoop.fs.Path;

/**
 * What {@link PrepareJob} is asked to do.
 *
 * @param in the raw data set, any Hadoop path
 * @param out where the shards go, any Hadoop path
 * @param shardBytes encoded bytes a shard aims at
 * @param shardSettings how a shard is written
 * @param maxBad share of unreadable files, from 0 to 1, above which the job fails
 * @param seed of the global shuffle
 * @param listingTasks most tasks that list the source at once
 * @param leaseTimeout after which a driver that gives no sign of life may be taken over from
 */
public record PrepareOptions(
    Path in,
    Path out,
    long shardBytes,
    ShardSettings shardSettings,
    double maxBad,
    long seed,
    int listingTasks,
    Duration leaseTimeout) {
  private static final Duration USUAL_LEASE_TIMEOUT = Duration.ofSeconds(30);

  /** Options of who has no recipe to name a lease's timeout. */
  public PrepareOptions(
      Path in,
      Path out,
      long shardBytes,
      ShardSettings shardSettings,
      double maxBad,
      long seed,
      int listingTasks) {
    this(in, out, shardBytes, shardSettings, maxBad, seed, listingTasks, USUAL_LEASE_TIMEOUT);
  }
}
