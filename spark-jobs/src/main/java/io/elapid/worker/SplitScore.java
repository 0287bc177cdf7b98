package io.elapid.worker;

import io.elapid.observe.ReportSection;
import io.elapid.task.classification.ConfusionMatrix;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an evaluation found on a share of a split, or on all of it. */
public interface SplitScore {

  /** Number of samples. */
  long samples();

  /** Measures by the names that recipes, events and checkpoints give them, in a fixed order. */
  Map<String, Double> measures();

  /** The measures for people, without the number of samples. */
  String summary();

  /** What was taken for what, where that is counted and no section shows it. */
  Optional<ConfusionMatrix> confusion();

  /**
   * Parts of a report that only the task has.
   *
   * @param names of classes by index
   */
  default List<ReportSection> sections(List<String> names) {
    return List.of();
  }

  /** What is worth keeping of it; a JSON object. */
  default String json() {
    return encode();
  }

  /** Everything, as text that {@link Scoring#merged} reads; JSON. */
  String encode();
}
