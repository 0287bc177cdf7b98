package io.elapid.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.benchmark.Times;
import io.elapid.engine.StepBench;
import io.elapid.observe.track.MlflowSettings;
import io.elapid.observe.track.Trackers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;

/**
 * Real steps, reported to TensorBoard's files and to a stand-in of a server, as often as there are
 * copies of the trackers: of many, what one costs stands out of the noise.
 */
final class TrackedRun implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LINGER = Duration.ofSeconds(5);
  private static final int SPOOL = 1000;

  private final java.nio.file.Path folder;
  private final TrackerServer.Running server;
  private final int every;
  private final List<Trackers> copies = new ArrayList<>();
  private final Set<Long> threads;
  private final List<Long> steps = new ArrayList<>();
  private final List<Long> reports = new ArrayList<>();
  private final long began = System.nanoTime();
  private boolean ended;

  private TrackedRun(
      java.nio.file.Path folder, TrackerServer.Running server, int count, int every) {
    this.folder = folder;
    this.server = server;
    this.every = every;
    Set<Long> others = trackerThreads();
    for (int copy = 0; copy < count; copy++) {
      copies.add(
          Trackers.start(
              new Configuration(),
              new Path(folder.resolve(Integer.toString(copy)).toUri()),
              Trackers.TensorBoard.ON,
              server
                  .address()
                  .map(a -> new MlflowSettings(a, "elapid", "bench", TIMEOUT, LINGER, SPOOL)),
              Map.of("model", "bench")));
    }
    this.threads = trackerThreads();
    threads.removeAll(others);
    tell(JSON.createObjectNode().put("event", "run").put("name", "bench"));
  }

  /**
   * Begins to report.
   *
   * @param copies of the trackers
   * @param every steps between two reports
   */
  static TrackedRun start(TrackerServer server, int copies, int every) throws IOException {
    return new TrackedRun(
        Files.createTempDirectory("elapid-trackers"), server.start(), copies, every);
  }

  private void tell(JsonNode event) {
    copies.forEach(copy -> copy.accept(event));
  }

  /** Does some steps and reports those that are due; the nanoseconds that took. */
  long block(StepBench bench, int count) {
    long all = 0;
    for (int i = 0; i < count; i++) {
      long step = bench.timedRun();
      steps.add(step);
      all += step;
      if (steps.size() % every == 0) {
        all += report(steps.size());
      }
    }
    return all;
  }

  private long report(int step) {
    JsonNode event = event(step);
    long start = System.nanoTime();
    tell(event);
    long nanos = System.nanoTime() - start;
    reports.add(nanos / copies.size());
    return nanos;
  }

  Times steps() {
    return times(steps);
  }

  Times reports() {
    return times(reports);
  }

  private static Times times(List<Long> nanos) {
    return new Times(nanos.stream().mapToLong(Long::longValue).toArray());
  }

  /** Nanoseconds that the threads of all its trackers have computed so far. */
  long own() {
    return threads.stream().mapToLong(id -> Math.max(0, THREADS.getThreadCpuTime(id))).sum();
  }

  /** Nanoseconds since it began. */
  long age() {
    return System.nanoTime() - began;
  }

  /** Ends it as a run does; the nanoseconds that all copies took. */
  long end() {
    ended = true;
    long start = System.nanoTime();
    tell(JSON.createObjectNode().put("event", "end").put("state", "finished"));
    copies.forEach(Trackers::close);
    return System.nanoTime() - start;
  }

  @Override
  public void close() throws IOException {
    if (!ended) {
      copies.forEach(Trackers::close);
    }
    server.close();
    FileUtil.fullyDelete(folder.toFile());
  }

  private static Set<Long> trackerThreads() {
    Set<Long> found = new HashSet<>();
    for (long id : THREADS.getAllThreadIds()) {
      ThreadInfo info = THREADS.getThreadInfo(id);
      if (info != null && info.getThreadName().matches("elapid-(tensorboard|mlflow)")) {
        found.add(id);
      }
    }
    return found;
  }

  private static ObjectNode event(int step) {
    return JSON.createObjectNode()
        .put("event", "step")
        .put("time", Instant.now().toString())
        .put("step", step)
        .put("epoch", 0)
        .put("loss", 2.5 / step)
        .put("lr", 1e-3)
        .put("grad_norm", 1.5)
        .put("samples_per_second", 100.0)
        .put("data_seconds", 0.1 * step)
        .put("compute_seconds", 1.0 * step)
        .put("sync_seconds", 0.1 * step)
        .put("update_seconds", 0.1 * step);
  }
}
