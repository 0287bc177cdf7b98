package io.elapid.graph;

/**
 * Factors that the engine draws for every sample of a training step: each is 0 with probability
 * {@code rate}, else 1 / (1 - rate).
 *
 * @param perSample factors of a sample, drawn independently
 */
public record Dropped(double rate, long batch, long perSample) {
  /** (batch) of whole samples, (batch, perSample) of parts. */
  public long[] shape() {
    return perSample == 1 ? new long[] {batch} : new long[] {batch, perSample};
  }
}
