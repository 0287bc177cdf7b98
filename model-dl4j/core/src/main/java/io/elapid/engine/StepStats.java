package io.elapid.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Numbers of one step over all shards.
 *
 * @param loss mean loss
 * @param figures means of what the network tells beside it, by name in the network's order
 * @param gradNorm L2 norm of the mean gradient before clipping
 */
public record StepStats(double loss, Map<String, Double> figures, double gradNorm) {
  /** Keeps its own copy. */
  public StepStats {
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
  }
}
