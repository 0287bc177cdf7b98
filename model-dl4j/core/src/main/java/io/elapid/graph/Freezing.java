package io.elapid.graph;

import java.util.List;

/**
 * What is not trained.
 *
 * @param frozen names of parameters; no gradient is computed for them
 * @param norms what batch norms with frozen weights go by
 */
public record Freezing(List<NamePattern> frozen, Norms norms) {

  /** Statistics of batch norms that are frozen. */
  public enum Norms {
    /** Those of the batch; the running ones go on moving. */
    BATCH,
    /** The running ones, which stay as they are. */
    RUNNING
  }

  /** Copies the list. */
  public Freezing {
    frozen = List.copyOf(frozen);
  }

  /** Everything is trained. */
  public static Freezing nothing() {
    return new Freezing(List.of(), Norms.BATCH);
  }

  /** Whether that parameter is left as it is. */
  public boolean freezes(String parameter) {
    return frozen.stream().anyMatch(pattern -> pattern.matches(parameter));
  }

  /** Whether the batch norm with that weight uses its running statistics in training. */
  boolean usesRunningStatistics(String weight) {
    return norms == Norms.RUNNING && freezes(weight);
  }
}
