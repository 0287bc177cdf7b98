package io.elapid.cli;

import io.elapid.cli.TextTable.Align;
import io.elapid.engine.RewriteBench;
import io.elapid.engine.StepBench;
import io.elapid.engine.rewrite.Rewrite;
import io.elapid.engine.rewrite.Rewrites;
import java.io.PrintStream;
import java.util.Locale;

/** What each rewrite of a program is worth: the program without it, in turns with all of them. */
final class RewriteTable {
  private final StepKind.Form form;
  private final StepBenchOptions options;
  private final StepBench.Settings settings;
  private final TextTable table =
      new TextTable(
          Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT);

  private RewriteTable(StepKind.Form form, StepBenchOptions options) {
    this.form = form;
    this.options = options;
    this.settings = options.settings();
  }

  static void print(StepKind kind, StepBenchOptions options, PrintStream out) {
    for (StepKind.Form form : kind.forms()) {
      out.println(form.title());
      new RewriteTable(form, options).lines().forEach(out::println);
    }
  }

  private Iterable<String> lines() {
    table.row("rewrites", "operations", "MiB", "median ms", "best ms", "all: median", "all: best");
    try (RewriteBench all = form.open(settings, Rewrites.all())) {
      row("all", all, all);
      for (Rewrite rewrite : Rewrites.all().steps()) {
        compare("without " + rewrite.name(), Rewrites.all().without(rewrite.name()), all);
      }
      compare("none", Rewrites.none(), all);
    }
    return table.lines();
  }

  private void compare(String name, Rewrites rewrites, RewriteBench all) {
    try (RewriteBench some = form.open(settings, rewrites)) {
      row(name, some, all);
    }
  }

  private void row(String name, RewriteBench some, RewriteBench all) {
    Turns times = Turns.take(options, some::timedRun, all::timedRun);
    table.row(
        name,
        Integer.toString(some.operations()),
        Long.toString(some.arenaBytes() >> 20),
        millis(times.first().median()),
        millis(times.first().best()),
        millis(times.second().median()),
        millis(times.second().best()));
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
  }
}
