package io.elapid.observe;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * One go at training, from a start to the end or to a failure.
 *
 * @param ranks how many trained together
 * @param firstStep updates that were done before
 * @param stepsPerEpoch updates per epoch
 * @param totalSteps updates of the whole run
 * @param batch samples per update over all ranks
 * @param spent where rank 0's time went, as far as it was reported
 */
public record Attempt(
    int ranks,
    long firstStep,
    long stepsPerEpoch,
    long totalSteps,
    int batch,
    Map<Activity, Duration> spent) {
  public Attempt {
    EnumMap<Activity, Duration> ordered = new EnumMap<>(Activity.class);
    ordered.putAll(spent);
    spent = Map.copyOf(ordered);
  }

  /** What a rank does with its time. */
  public enum Activity {
    COMPUTE("computing", "compute_seconds"),
    SYNC("exchanging with other ranks", "sync_seconds"),
    DATA("waiting for data", "data_seconds"),
    UPDATE("updating weights", "update_seconds"),
    EVALUATE("evaluating", "evaluate_seconds"),
    CHECKPOINT("writing checkpoints", "checkpoint_seconds");

    private final String words;
    private final String field;

    Activity(String words, String field) {
      this.words = words;
      this.field = field;
    }

    /** The activity as people call it. */
    public String words() {
      return words;
    }

    /** The name in a line of the log. */
    String field() {
      return field;
    }
  }

  Attempt withSpent(Map<Activity, Duration> durations) {
    return new Attempt(ranks, firstStep, stepsPerEpoch, totalSteps, batch, durations);
  }
}
