package io.elapid.data.loader;

import java.time.Duration;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * How shards are fetched. It travels as keys of the storage's configuration, like everything else
 * that its client goes by.
 *
 * @param retry how long a read that fails is tried again before it counts as failed
 * @param cache folder on the local disk in which shards are kept
 * @param cacheBytes that the folder may take
 */
public record ReadSettings(Duration retry, Optional<String> cache, long cacheBytes) {
  private static final String RETRY = "elapid.read.retry-ms";
  private static final String CACHE = "elapid.cache.folder";
  private static final String CACHE_BYTES = "elapid.cache.bytes";
  private static final Duration DEFAULT_RETRY = Duration.ofMinutes(1);

  public ReadSettings {
    if (retry.isNegative() || cacheBytes < 0) {
      throw new IllegalArgumentException(
          "retry " + retry + " and cache of " + cacheBytes + " bytes must not be negative");
    }
  }

  /** A configuration like {@code conf} that says so. */
  public Configuration in(Configuration conf) {
    Configuration copy = new Configuration(conf);
    copy.setLong(RETRY, retry.toMillis());
    copy.setLong(CACHE_BYTES, cacheBytes);
    copy.unset(CACHE);
    cache.ifPresent(folder -> copy.set(CACHE, folder));
    return copy;
  }

  /** What a configuration says; a minute of retries and no cache where it says nothing. */
  static ReadSettings of(Configuration conf) {
    return new ReadSettings(
        Duration.ofMillis(conf.getLong(RETRY, DEFAULT_RETRY.toMillis())),
        Optional.ofNullable(conf.get(CACHE)),
        conf.getLong(CACHE_BYTES, 0));
  }
}
