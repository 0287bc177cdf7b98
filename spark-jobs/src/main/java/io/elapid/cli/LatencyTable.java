package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.cli.TextTable.Align;
import io.elapid.engine.StepBench;
import io.elapid.model.Models;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Inference of every network, one after the other, and ratios that hold on any machine. */
final class LatencyTable {
  private static final int PERCENTILE = 90;

  private record Row(StepBench.Settings settings, Times times) {
    double picturesPerSecond() {
      return settings.batch() / (times.median() / 1e9);
    }
  }

  private LatencyTable() {}

  static void print(StepBenchOptions options, PrintStream out) {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (String name : Models.names()) {
      StepBench.Settings settings = options.settings(Models.byName(name));
      try (StepBench bench = StepBench.inference(settings)) {
        out.printf("%-20s %s runs%n", name, options.warmUp(bench::run));
        rows.put(name, new Row(settings, bench.times(0, options.runs())));
      }
    }
    out.printf(
        Locale.ROOT,
        "Inference, batch %d, %d threads; medians of %d runs.%n",
        options.batch(),
        options.threads(),
        options.runs());
    table(rows).lines().forEach(out::println);
  }

  private static TextTable table(Map<String, Row> rows) {
    long slowest = rows.values().stream().mapToLong(row -> row.times().median()).max().orElse(1);
    TextTable table =
        new TextTable(Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT);
    table.row("name", "input", "median ms", "p90 ms", "pictures/s", "of the slowest");
    rows.forEach(
        (name, row) ->
            table.row(
                name,
                Integer.toString(row.settings().imageSize()),
                number("%.2f", row.times().median() / 1e6),
                number("%.2f", row.times().percentile(PERCENTILE) / 1e6),
                number("%.1f", row.picturesPerSecond()),
                number("%.3f", (double) row.times().median() / slowest)));
    return table;
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
