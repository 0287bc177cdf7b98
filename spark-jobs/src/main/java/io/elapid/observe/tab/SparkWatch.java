package io.elapid.observe.tab;

import com.fasterxml.jackson.databind.JsonNode;
import io.elapid.observe.LiveRun;
import io.elapid.observe.LoggedEvents;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows a run in the Spark application that trains it: as the tab <em>Training</em>, in the event
 * log from which the History Server shows the same tab, and as gauges of the metrics system.
 *
 * <p>None of it may stop a run: what another Spark does not have is left out, with one line in the
 * log. Safe for use by several threads.
 */
public final class SparkWatch {
  private static final Logger LOG = LoggerFactory.getLogger(SparkWatch.class);

  /** The version whose internals this package was written for. */
  private static final String SUPPORTED = "3.5.";

  private final LiveRun run = new LiveRun();
  private final LoggedEvents logged = new LoggedEvents();
  private final SparkContext spark;
  private boolean usable;

  private SparkWatch(SparkContext spark) {
    this.spark = spark;
  }

  /** Starts to show what will happen, in place of an earlier run of the same application. */
  public static SparkWatch open(SparkContext spark) {
    return open(spark, spark.version());
  }

  static SparkWatch open(SparkContext spark, String version) {
    SparkWatch watch = new SparkWatch(spark);
    if (!version.startsWith(SUPPORTED)) {
      LOG.warn(
          "No Training tab, history or gauges: they are for Spark {}x, not {}", SUPPORTED, version);
      return watch;
    }
    watch.usable = true;
    watch.guard(
        () -> {
          TrainingTab.show(spark, watch.run);
          TrainingSource.register(watch.run);
        });
    return watch;
  }

  /** Takes in an event as the metrics log has it, and {@code recipe} and {@code rank_times}. */
  public synchronized void accept(JsonNode event) {
    if (usable) {
      guard(
          () -> {
            run.accept(event);
            logged
                .after(event)
                .forEach(line -> spark.listenerBus().post(new TrainingEvent(line.toString())));
          });
    }
  }

  private void guard(Runnable body) {
    try {
      body.run();
    } catch (LinkageError | RuntimeException e) {
      usable = false;
      LOG.warn(
          "No Training tab, history or gauges from here on; the run goes on: {}", e.toString());
    }
  }
}
