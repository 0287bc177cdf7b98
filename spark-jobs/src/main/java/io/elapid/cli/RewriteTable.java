package io.elapid.cli;

import io.elapid.engine.RewriteBench;
import io.elapid.engine.StepBench;
import io.elapid.engine.rewrite.Rewrite;
import io.elapid.engine.rewrite.Rewrites;
import java.io.PrintStream;
import java.util.Locale;

/**
 * What each rewrite of a program is worth: the program without it, in turns with all of them. Rows
 * are printed as they are measured.
 */
final class RewriteTable {
  private final StepKind.Form form;
  private final StepBenchOptions options;
  private final StepBench.Settings settings;
  private final PrintStream out;

  private RewriteTable(StepKind.Form form, StepBenchOptions options, PrintStream out) {
    this.form = form;
    this.options = options;
    this.settings = options.settings();
    this.out = out;
  }

  static void print(StepKind kind, StepBenchOptions options, PrintStream out) {
    for (StepKind.Form form : kind.forms()) {
      new RewriteTable(form, options, out).print();
    }
  }

  private void print() {
    out.printf(
        "%-29s%11s%6s%11s%9s%15s%n",
        form.title(), "operations", "MiB", "median ms", "best ms", "of all's time");
    try (RewriteBench all = form.open(settings, Rewrites.all())) {
      row("all", all, all);
      for (Rewrite rewrite : Rewrites.all().steps()) {
        compare("without " + rewrite.name(), Rewrites.all().without(rewrite.name()), all);
      }
      compare("none", Rewrites.none(), all);
    }
  }

  private void compare(String name, Rewrites rewrites, RewriteBench all) {
    try (RewriteBench some = form.open(settings, rewrites)) {
      row(name, some, all);
    }
  }

  private void row(String name, RewriteBench some, RewriteBench all) {
    Turns times = Turns.take(options, some::timedRun, all::timedRun);
    out.printf(
        Locale.ROOT,
        "%-29s%11d%6d%11.1f%9.1f%15.3f%n",
        name,
        some.operations(),
        some.arenaBytes() >> 20,
        times.first().median() / 1e6,
        times.first().best() / 1e6,
        times.ratio());
  }
}
