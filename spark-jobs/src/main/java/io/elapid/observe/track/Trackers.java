package io.elapid.observe.track;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** All trackers of a run. {@link #accept} never waits; {@link #close} has a deadline. */
public final class Trackers implements AutoCloseable {
  private final List<TrackerThread> threads = new ArrayList<>();
  private final long began = System.nanoTime();

  private Trackers(List<Tracker> trackers) {
    trackers.forEach(tracker -> threads.add(new TrackerThread(tracker)));
  }

  /**
   * Starts what a run is tracked by.
   *
   * @param folder of the run
   * @param tensorBoard whether event files are written into it
   * @param mlflow the server that is told; empty for none
   * @param parameters of the run, by name
   */
  public static Trackers start(
      Configuration conf,
      Path folder,
      TensorBoard tensorBoard,
      Optional<MlflowSettings> mlflow,
      Map<String, String> parameters) {
    List<Tracker> trackers = new ArrayList<>();
    if (tensorBoard == TensorBoard.ON) {
      trackers.add(new TensorBoardTracker(conf, new Path(folder, "tensorboard")));
    }
    mlflow.ifPresent(
        settings -> trackers.add(new MlflowTracker(settings, conf, mlflow(folder), parameters)));
    return new Trackers(trackers);
  }

  /** Where a run keeps what an MLflow server has not taken yet. */
  static Path mlflow(Path run) {
    return new Path(run, "mlflow");
  }

  /** Whether TensorBoard's files are written. */
  public enum TensorBoard {
    ON,
    OFF
  }

  /** Takes in an event as the metrics log has it. */
  public void accept(JsonNode event) {
    threads.forEach(thread -> thread.offer(event));
  }

  @Override
  public void close() {
    Duration run = Duration.ofNanos(System.nanoTime() - began);
    threads.forEach(thread -> thread.end(run));
    try {
      for (TrackerThread thread : threads) {
        thread.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
