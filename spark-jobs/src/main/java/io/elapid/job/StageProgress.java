package io.elapid.job;

import java.io.PrintStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.JavaSparkStatusTracker;

/** Prints how many tasks of the running Spark stages are done, whenever that number has changed. */
final class StageProgress implements AutoCloseable {
  private static final long PERIOD_SECONDS = 2;

  private final JavaSparkStatusTracker tracker;
  private final String label;
  private final PrintStream out;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "elapid-stage-progress");
            thread.setDaemon(true);
            return thread;
          });
  private String last = "";

  StageProgress(JavaSparkContext spark, String label, PrintStream out) {
    this.tracker = spark.statusTracker();
    this.label = label;
    this.out = out;
    clock.scheduleAtFixedRate(this::report, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  private void report() {
    for (int stage : tracker.getActiveStageIds()) {
      SparkStageInfo info = tracker.getStageInfo(stage);
      if (info == null) {
        continue;
      }
      String line =
          "%s: %d of %d tasks done".formatted(label, info.numCompletedTasks(), info.numTasks());
      if (!line.equals(last)) {
        out.println(line);
        last = line;
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
