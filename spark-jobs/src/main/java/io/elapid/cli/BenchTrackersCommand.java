package io.elapid.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.benchmark.Times;
import io.elapid.cli.TextTable.Align;
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
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "trackers",
    mixinStandardHelpOptions = true,
    description = {
      "Measures what trackers cost training: real steps, each of which is reported to TensorBoard's files and to a stand-in",
      "of an MLflow server on this machine that answers, is down, is silent, or fails. Counted is the time that the thread",
      "which trains spends in the report, computing or waiting, against the time of its steps; then the trackers' own threads,",
      "and what the end of a run waits. Last, what it costs to count the gradients by layer, in turns with plain steps."
    },
    footer = {
      "",
      "Example: elapid bench trackers --model efficientvim_m1 --image-size 64 --runs 100"
    })
final class BenchTrackersCommand implements Callable<Integer> {
  private static final JsonMapper JSON = new JsonMapper();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LINGER = Duration.ofSeconds(5);
  private static final int SPOOL = 1000;

  /** Steps between two histograms, as conf/base.conf has it. */
  private static final int HISTOGRAM_EVERY = 500;

  @Mixin private StepBenchOptions options;

  @Override
  public Integer call() throws Exception {
    try (StepBench bench = StepBench.training(options.settings())) {
      bench.times(options.warmUp(), 1);
      TextTable table =
          new TextTable(
              Align.LEFT,
              Align.RIGHT,
              Align.RIGHT,
              Align.RIGHT,
              Align.RIGHT,
              Align.RIGHT,
              Align.RIGHT);
      table.row(
          "MLflow server",
          "step ms",
          "report us",
          "longest us",
          "of the step",
          "own threads us",
          "end s");
      for (TrackerServer server : TrackerServer.values()) {
        row(table, bench, server);
      }
      System.out.printf("%nA report at every step, TensorBoard's files on:%n");
      table.lines().forEach(System.out::println);
      histograms(bench);
    }
    return 0;
  }

  private void row(TextTable table, StepBench bench, TrackerServer server) throws IOException {
    java.nio.file.Path folder = Files.createTempDirectory("elapid-trackers");
    try (TrackerServer.Running running = server.start()) {
      Trackers trackers =
          Trackers.start(
              new Configuration(),
              new Path(folder.toUri()),
              Trackers.TensorBoard.ON,
              running
                  .address()
                  .map(a -> new MlflowSettings(a, "elapid", "bench", TIMEOUT, LINGER, SPOOL)),
              Map.of("model", "bench"));
      trackers.accept(JSON.createObjectNode().put("event", "run").put("name", "bench"));
      long[] steps = new long[options.runs()];
      long[] reports = new long[options.runs()];
      for (int i = 0; i < steps.length; i++) {
        steps[i] = bench.timedRun();
        JsonNode event = event(i + 1);
        long start = System.nanoTime();
        trackers.accept(event);
        reports[i] = System.nanoTime() - start;
      }
      double own = ownThreads() / 1e3 / steps.length;
      long end = System.nanoTime();
      trackers.close();
      double waited = (System.nanoTime() - end) / 1e9;
      Times step = new Times(steps);
      Times report = new Times(reports);
      table.row(
          server.words(),
          number("%.1f", step.median() / 1e6),
          number("%.1f", report.median() / 1e3),
          number("%.1f", report.percentile(100) / 1e3),
          number("%.4f %%", 100.0 * report.median() / step.median()),
          number("%.0f", own),
          number("%.2f", waited));
    } finally {
      FileUtil.fullyDelete(folder.toFile());
    }
  }

  private void histograms(StepBench bench) {
    Turns turns = Turns.take(options, bench::timedRun, bench::timedRunWithHistograms);
    double plain = turns.first().median() / 1e6;
    double counted = turns.second().median() / 1e6;
    System.out.printf(
        Locale.ROOT,
        "%nGradients counted by layer: a step of %.1f ms takes %.1f ms; at every %dth step %.3f %% of training%n",
        plain,
        counted,
        HISTOGRAM_EVERY,
        100 * (counted - plain) / plain / HISTOGRAM_EVERY);
  }

  /** Nanoseconds that the trackers' threads have computed. */
  private static double ownThreads() {
    double nanos = 0;
    for (long id : THREADS.getAllThreadIds()) {
      ThreadInfo info = THREADS.getThreadInfo(id);
      if (info != null && info.getThreadName().matches("elapid-(tensorboard|mlflow)")) {
        nanos += THREADS.getThreadCpuTime(id);
      }
    }
    return nanos;
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

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
