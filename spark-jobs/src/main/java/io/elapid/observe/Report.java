package io.elapid.observe;

import io.elapid.task.classification.ConfusionMatrix;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@link ReportPage} shows. Parts that are empty are left out of the page.
 *
 * @param title what was trained on what
 * @param subtitle one more line, such as when and where
 * @param history the course of the run
 * @param confusion the final evaluation
 * @param pictures samples with their predictions
 * @param facts how the run went
 * @param operations where the time of the profiled steps went
 * @param recipe the resolved recipe as text
 * @param provenance where the result comes from, in the order to show
 */
public record Report(
    String title,
    String subtitle,
    RunHistory history,
    Optional<Confusion> confusion,
    List<Picture> pictures,
    RunFacts facts,
    List<OperationTime> operations,
    String recipe,
    Map<String, String> provenance) {
  public Report {
    pictures = List.copyOf(pictures);
    operations = List.copyOf(operations);
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
  }

  /** What was taken for what; {@code names} are the classes' in the order of the matrix. */
  public record Confusion(List<String> names, ConfusionMatrix matrix) {
    public Confusion {
      names = List.copyOf(names);
      if (names.size() != matrix.classes()) {
        throw new IllegalArgumentException(
            "%d names for %d classes".formatted(names.size(), matrix.classes()));
      }
    }
  }

  /**
   * A sample and what the network makes of it.
   *
   * @param image shown as it is, see {@link Thumbnail}
   * @param truth its class; empty if unknown
   * @param answer the class with the highest score
   * @param probability of the answer, in [0, 1]; NaN where nothing was found
   */
  public record Picture(
      Thumbnail image, Optional<String> truth, String answer, double probability) {
    boolean right() {
      return truth.filter(answer::equals).isPresent();
    }
  }

  /**
   * How the run went.
   *
   * @param ranks how many trained together
   * @param restarts how often a checkpoint was gone back to
   * @param samplesPerSecond over all ranks; NaN if unknown
   * @param duration from start to end
   * @param spent rank 0's time by what it was spent on, in the order to show
   * @param more further facts, in the order to show
   */
  public record RunFacts(
      int ranks,
      int restarts,
      double samplesPerSecond,
      Duration duration,
      Map<String, Duration> spent,
      Map<String, String> more) {
    public RunFacts {
      spent = Collections.unmodifiableMap(new LinkedHashMap<>(spent));
      more = Collections.unmodifiableMap(new LinkedHashMap<>(more));
    }

    /** The facts that a history tells. */
    public static RunFacts of(RunHistory history, Duration duration, Map<String, String> more) {
      Map<String, Duration> spent = new LinkedHashMap<>();
      for (Attempt.Activity activity : Attempt.Activity.values()) {
        for (Attempt attempt : history.attempts()) {
          Duration time = attempt.spent().getOrDefault(activity, Duration.ZERO);
          if (!time.isZero()) {
            spent.merge(activity.words(), time, Duration::plus);
          }
        }
      }
      int attempts = history.attempts().size();
      return new RunFacts(
          attempts == 0 ? 0 : history.attempts().get(attempts - 1).ranks(),
          Math.max(0, attempts - 1),
          history.samplesPerSecond(),
          duration,
          spent,
          more);
    }
  }
}
