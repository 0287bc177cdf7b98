package io.elapid.observe;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The course of a run.
 *
 * @param steps training, in ascending order of step
 * @param epochs evaluations, in ascending order of step
 * @param attempts in the order of time; more than one if the run was restarted or resumed
 */
public record RunHistory(List<StepPoint> steps, List<EpochPoint> epochs, List<Attempt> attempts) {
  public RunHistory {
    steps = List.copyOf(steps);
    epochs = List.copyOf(epochs);
    attempts = List.copyOf(attempts);
  }

  /** The evaluation with the best {@link EpochPoint#headline}; of equals the first. */
  public Optional<EpochPoint> best() {
    return epochs.stream()
        .filter(point -> !Double.isNaN(point.headline()))
        .max(
            Comparator.comparingDouble(EpochPoint::headline)
                .thenComparing(EpochPoint::step, Comparator.reverseOrder()));
  }

  /** The evaluation of the final weights. */
  public Optional<EpochPoint> last() {
    return epochs.isEmpty() ? Optional.empty() : Optional.of(epochs.get(epochs.size() - 1));
  }

  /** Median throughput of training, in samples per second over all ranks; NaN before any. */
  public double samplesPerSecond() {
    double[] rates =
        steps.stream()
            .mapToDouble(StepPoint::samplesPerSecond)
            .filter(Double::isFinite)
            .sorted()
            .toArray();
    return rates.length == 0 ? Double.NaN : rates[rates.length / 2];
  }
}
