package io.elapid.config;

import java.time.Duration;
import java.util.Optional;

/**
 * Other programs that show the run while it runs.
 *
 * @param tensorboard whether event files are written into the output folder
 * @param histogramEverySteps steps between two histograms of the gradients by layer; 0 for none
 * @param pictures augmented training pictures that are shown
 * @param mlflow address of the MLflow server that is told of the run
 * @param mlflowExperiment that the run belongs to there
 * @param mlflowTimeout longest time for one request
 * @param mlflowLinger what the run waits at its end for what has not been sent yet
 * @param mlflowSpool requests kept on disk while the server does not take them
 */
public record TrackSpec(
    Switch tensorboard,
    @Bounds("[0, 100000000]") int histogramEverySteps,
    @Bounds("[0, 1000]") int pictures,
    Optional<String> mlflow,
    String mlflowExperiment,
    Duration mlflowTimeout,
    Duration mlflowLinger,
    @Bounds("[1, 100000]") int mlflowSpool) {

  /** Whether something is done. */
  public enum Switch {
    ON,
    OFF
  }
}
