package io.elapid.job;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
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
  private final CountDownLatch stopped = new CountDownLatch(1);
  private String last = "";

  StageProgress(JavaSparkContext spark, String label, PrintStream out) {
    this.tracker = spark.statusTracker();
    this.label = label;
    this.out = out;
    Thread thread = new Thread(this::watch, "elapid-stage-progress");
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    try {
      while (!stopped.await(PERIOD_SECONDS, TimeUnit.SECONDS)) {
        report();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
    stopped.countDown();
  }
}
