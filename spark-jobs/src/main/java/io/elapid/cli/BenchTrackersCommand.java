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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "trackers",
    mixinStandardHelpOptions = true,
    description = {
      "Measures what trackers cost training: runs of --runs real steps, each of which is reported to TensorBoard's files and",
      "to a stand-in of an MLflow server on this machine that answers, is slow, down, silent, or fails. First the time that",
      "the thread which trains spends in the report, computing or waiting, against the time of its steps; then the trackers'",
      "own threads, what the end of a run waits, and how much longer the whole run takes than one that tells no server, in",
      "turns with it. Last, what it costs to count the gradients by layer, in turns with plain steps."
    },
    footer = {"", "Example: elapid bench trackers --image-size 64 --runs 100 --rounds 5"})
final class BenchTrackersCommand implements Callable<Integer> {
  private static final JsonMapper JSON = new JsonMapper();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LINGER = Duration.ofSeconds(5);
  private static final int SPOOL = 1000;

  /** Steps between two histograms, as conf/base.conf has it. */
  private static final int HISTOGRAM_EVERY = 500;

  @Mixin private StepRunOptions options;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "runs with each server, in turns (default: ${DEFAULT-VALUE})")
  private int rounds;

  /**
   * A run in nanoseconds.
   *
   * @param steps of each step
   * @param reports of each report
   * @param own what the trackers' threads have computed
   * @param end what its end took
   */
  private record Run(long[] steps, long[] reports, long own, long end) {
    long whole() {
      return LongStream.of(steps).sum() + LongStream.of(reports).sum() + end;
    }
  }

  @Override
  public Integer call() throws Exception {
    Limits.require("--rounds", rounds, 1, Limits.RUNS);
    Map<TrackerServer, List<Run>> runs = new EnumMap<>(TrackerServer.class);
    try (StepBench bench = StepBench.training(options.settings())) {
      bench.times(options.warmUp(), 1);
      for (int round = 0; round < rounds; round++) {
        for (TrackerServer server : TrackerServer.values()) {
          runs.computeIfAbsent(server, any -> new ArrayList<>()).add(run(bench, server));
        }
      }
      print(runs);
      histograms(bench);
    }
    return 0;
  }

  private Run run(StepBench bench, TrackerServer server) throws IOException {
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
      long own = ownThreads();
      long end = System.nanoTime();
      trackers.accept(JSON.createObjectNode().put("event", "end").put("state", "finished"));
      trackers.close();
      return new Run(steps, reports, own, System.nanoTime() - end);
    } finally {
      FileUtil.fullyDelete(folder.toFile());
    }
  }

  private void print(Map<TrackerServer, List<Run>> runs) {
    Align[] columns = new Align[8];
    Arrays.fill(columns, Align.RIGHT);
    columns[0] = Align.LEFT;
    TextTable table = new TextTable(columns);
    table.row(
        "MLflow server",
        "step ms",
        "report us",
        "longest us",
        "of the step",
        "own threads us",
        "end ms",
        "whole run");
    List<Run> plain = runs.get(TrackerServer.NONE);
    runs.forEach(
        (server, ones) -> {
          Times step = times(ones, run -> run.steps);
          Times report = times(ones, run -> run.reports);
          table.row(
              server.words(),
              number("%.1f", step.median() / 1e6),
              number("%.1f", report.median() / 1e3),
              number("%.1f", report.percentile(100) / 1e3),
              number("%.4f %%", 100.0 * report.median() / step.median()),
              number("%.0f", median(ones, Run::own) / 1e3 / options.runs()),
              number("%.1f", median(ones, Run::end) / 1e6),
              number("%.4f", ratio(ones, plain)));
        });
    System.out.printf(
        "%nA report at every step of runs of %,d steps, TensorBoard's files on; medians of %d runs each. Whole run: of one"
            + " that tells no server%n",
        options.runs(), rounds);
    table.lines().forEach(System.out::println);
  }

  private static Times times(List<Run> runs, Function<Run, long[]> what) {
    return new Times(runs.stream().flatMapToLong(run -> LongStream.of(what.apply(run))).toArray());
  }

  private static double median(List<Run> runs, ToLongFunction<Run> what) {
    return new Times(runs.stream().mapToLong(what).toArray()).median();
  }

  private static double ratio(List<Run> runs, List<Run> plain) {
    return Turns.medianRatio(
        runs.stream().mapToLong(Run::whole).toArray(),
        plain.stream().mapToLong(Run::whole).toArray());
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
  private static long ownThreads() {
    long nanos = 0;
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
