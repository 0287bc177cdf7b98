package io.elapid.nn;

import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * A batch of maps in a graph, with the sizes that SameDiff does not know before it runs.
 *
 * @param value (batch, channels, height, width)
 */
public record FeatureMap(SDVariable value, long batch, long channels, long height, long width) {

  /** Number of positions. */
  public long positions() {
    return height * width;
  }

  /** The value as (batch, channels, positions), rows one after the other; costs nothing. */
  public SDVariable flat(SameDiff graph) {
    return graph.reshape(value, batch, channels, positions());
  }

  /** A map of the same sizes. */
  public FeatureMap with(SDVariable other) {
    return with(other, channels);
  }

  /** A map of the same sizes but for the number of channels. */
  public FeatureMap with(SDVariable other, long count) {
    return new FeatureMap(other, batch, count, height, width);
  }
}
