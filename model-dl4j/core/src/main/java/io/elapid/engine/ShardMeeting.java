package io.elapid.engine;

import java.util.List;

/**
 * How the shards of a batch tell each other what they have in common, in the middle of a step. All
 * ranks meet equally often and in the same order, since all run the same network.
 */
@FunctionalInterface
public interface ShardMeeting {
  /** The shards at hand are all there are. */
  static ShardMeeting closed() {
    return shares -> shares;
  }

  /**
   * Exchanges what shards have to say.
   *
   * @param shares of the shards at hand, in their order; equally many numbers each
   * @return of all shards of the batch, in their order
   */
  List<double[]> meet(List<double[]> shares);
}
