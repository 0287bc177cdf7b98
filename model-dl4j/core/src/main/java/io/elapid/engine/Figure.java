package io.elapid.engine;

/**
 * A number that every shard contributes beside its gradients and its loss, to be summed with them.
 *
 * @param name as in logs, such as {@code top1}
 * @param mean what the sum over all shards is divided by
 */
public record Figure(String name, Mean mean) {
  /** What a mean is over. */
  public enum Mean {
    /** Each shard contributes a mean of its own, as the loss is one. */
    SHARDS,
    /** Each shard contributes a sum over its samples. */
    SAMPLES
  }

  /** The mean over shards, for parts of the loss. */
  public static Figure ofShards(String name) {
    return new Figure(name, Mean.SHARDS);
  }

  /** The mean over samples, for counts. */
  public static Figure ofSamples(String name) {
    return new Figure(name, Mean.SAMPLES);
  }
}
