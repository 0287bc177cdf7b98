package io.elapid.config;

import java.util.List;

/**
 * What is learnt.
 *
 * @param frames the most different padded sizes that batches come in
 * @param absentClasses what a class that is nowhere means for a mean over classes
 */
public record TaskSpec(Type type, @Bounds("[1, 64]") int frames, AbsentClasses absentClasses) {

  /** Kinds of tasks. */
  public enum Type {
    /** One class for a picture. */
    CLASSIFICATION(Recipe.Metric.TOP1, Recipe.Metric.TOP5, Recipe.Metric.LOSS),
    /** A class for every pixel. */
    SEMANTIC_SEGMENTATION(Recipe.Metric.MIOU, Recipe.Metric.MACC, Recipe.Metric.AACC);

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<Recipe.Metric> metrics;

    Type(Recipe.Metric... metrics) {
      this.metrics = List.of(metrics);
    }

    /** What it can be best in, the usual one first. */
    List<Recipe.Metric> metrics() {
      return metrics;
    }
  }

  /** Conventions for means over classes. */
  public enum AbsentClasses {
    SKIPPED,
    ZERO
  }
}
