package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.cli.TextTable.Align;
import io.elapid.engine.StepBench;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "trackers",
    mixinStandardHelpOptions = true,
    description = {
      "Measures what trackers cost training: real steps, reported to TensorBoard's files and to a stand-in of an MLflow",
      "server on this machine that answers, is slow, down, silent, or fails. Blocks of steps take turns with",
      "blocks of a run that tells no server, on the same network in the same process, so that whatever else the machine",
      "does meets both: how much longer they take, and how sure that is. The first row sets no server against no server:",
      "what this machine cannot tell apart. Last, what it costs to count the gradients by layer, in turns with plain steps."
    },
    footer = {
      "",
      "Example: elapid bench trackers --image-size 64 --copies 10 --every 10 --block 10"
    })
final class BenchTrackersCommand implements Callable<Integer> {
  private static final int MOST_STEPS = 1000;
  private static final int MOST_COPIES = 100;
  private static final int MOST_EVERY = 1000;

  /** Steps between two histograms, as conf/base.conf has it. */
  private static final int HISTOGRAM_EVERY = 500;

  @Mixin private StepRunOptions options;

  @Option(
      names = "--block",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "steps of a block; --runs counts blocks with each server (default: ${DEFAULT-VALUE})")
  private int block;

  @Option(
      names = "--copies",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "trackers that are told of each step, to make what one costs stand out of the machine's noise; all that is"
              + " printed is of one (default: ${DEFAULT-VALUE})")
  private int copies;

  @Option(
      names = "--every",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "steps between two reports, log.every-steps of a recipe; a block is best as long, so that each has as many"
              + " (default: ${DEFAULT-VALUE})")
  private int every;

  /**
   * What a server costs.
   *
   * @param steps of the run that tells it
   * @param reports of that run
   * @param every steps between two of them
   * @param own nanoseconds that the threads of one's trackers have computed for a step
   * @param blocks against those that tell no server, for one tracker
   * @param end nanoseconds that the end of one took
   * @param share of the run's time that this was
   */
  private record Cost(
      Times steps, Times reports, int every, double own, Ratio blocks, long end, double share) {
    /** All that was counted, as if no core were idle, as a share of the time of a run as long. */
    double counted() {
      return (reports.median() / (double) every + own) / steps.median() + share;
    }
  }

  @Override
  public Integer call() throws Exception {
    Limits.require("--block", block, 1, MOST_STEPS);
    Limits.require("--copies", copies, 1, MOST_COPIES);
    Limits.require("--every", every, 1, Math.min(MOST_EVERY, block * options.runs()));
    Map<TrackerServer, Cost> costs = new LinkedHashMap<>();
    try (StepBench bench = StepBench.training(options.settings())) {
      options.warmUp(bench::run);
      for (TrackerServer server : TrackerServer.values()) {
        costs.put(server, cost(bench, server));
      }
      print(costs);
      histograms(bench);
    }
    return 0;
  }

  private Cost cost(StepBench bench, TrackerServer server) throws IOException {
    long[] told = new long[options.runs()];
    long[] untold = new long[options.runs()];
    try (TrackedRun run = TrackedRun.start(server, copies, every);
        TrackedRun plain = TrackedRun.start(TrackerServer.NONE, copies, every)) {
      for (int i = 0; i < told.length; i++) {
        if (i % 2 == 0) {
          told[i] = run.block(bench, block);
        }
        // what its threads compute in the other's turn is its cost, too
        long own = run.own();
        untold[i] = plain.block(bench, block);
        long spilled = run.own() - own;
        if (i % 2 == 1) {
          told[i] = run.block(bench, block);
        }
        told[i] += spilled;
      }
      double own = (double) run.own() / told.length / block / copies;
      long age = run.age();
      long end = run.end() / copies;
      Ratio blocks = Ratio.of(told, untold).ofOne(copies);
      return new Cost(run.steps(), run.reports(), every, own, blocks, end, (double) end / age);
    }
  }

  private void print(Map<TrackerServer, Cost> costs) {
    Align[] columns = new Align[12];
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
        "counted",
        "blocks",
        "from",
        "to",
        "end ms",
        "whole run");
    costs.forEach(
        (server, cost) ->
            table.row(
                server.words(),
                number("%.1f", cost.steps().median() / 1e6),
                number("%.1f", cost.reports().median() / 1e3),
                number("%.1f", cost.reports().percentile(100) / 1e3),
                number("%.4f %%", 100.0 * cost.reports().median() / cost.steps().median()),
                number("%.0f", cost.own() / 1e3),
                number("%.2f %%", 100 * cost.counted()),
                number("%.4f", cost.blocks().median()),
                number("%.4f", cost.blocks().low()),
                number("%.4f", cost.blocks().high()),
                number("%.1f", cost.end() / 1e6),
                number("%.4f", cost.blocks().plus(cost.share()).median())));
    System.out.printf(
        """

        Steps for one report: %d; TensorBoard's files on. Of the step: a report, as a share of one step. Counted: reports,
        what the trackers' own threads compute, and the end of a run as long as this, all as a share of its time. Blocks:
        %d of %d steps with each server, against as many in turns that tell none; the median over neighbours, which lies
        between the next two with a confidence of 95 %%. What the trackers' own threads compute meanwhile is time of
        theirs. Whole run: with its end. Trackers told of a report: %d; the figures are of one.
        """,
        every, options.runs(), block, copies);
    table.lines().forEach(System.out::println);
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

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
