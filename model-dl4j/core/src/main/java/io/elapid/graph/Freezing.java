package io.elapid.graph;

import java.util.List;

/**
 * What is not trained.
 *
 * @param frozen names of parameters; no gradient is computed for them
 * @param norms what batch norms with frozen weights go by
 * @param statistics names of batch norms' weights that go by the running statistics, which stay as
 *     they are, though the weights may be trained
 */
public record Freezing(List<NamePattern> frozen, Norms norms, List<NamePattern> statistics) {

  /** Statistics of batch norms that are frozen. */
  public enum Norms {
    /** Those of the batch; the running ones go on moving. */
    BATCH,
    /** The running ones, which stay as they are. */
    RUNNING
  }

  /** Copies the lists. */
  public Freezing {
    frozen = List.copyOf(frozen);
    statistics = List.copyOf(statistics);
  }

  /** Where batch norms that are trained go by the statistics of the batch. */
  public Freezing(List<NamePattern> frozen, Norms norms) {
    this(frozen, norms, List.of());
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
    return (norms == Norms.RUNNING && freezes(weight))
        || statistics.stream().anyMatch(pattern -> pattern.matches(weight));
  }
}
