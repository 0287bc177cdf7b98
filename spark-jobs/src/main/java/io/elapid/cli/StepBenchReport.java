package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.benchmark.Work;
import io.elapid.cli.TextTable.Align;
import io.elapid.engine.MemoryUse;
import io.elapid.engine.NaiveStep;
import io.elapid.engine.OperationResult;
import io.elapid.engine.StepBench;
import io.elapid.engine.StepProfile;
import java.io.PrintStream;
import java.util.Locale;
import java.util.OptionalLong;

/** Prints what was measured of a step. */
final class StepBenchReport {
  private static final int PERCENTILE = 90;

  private final PrintStream out;

  StepBenchReport(PrintStream out) {
    this.out = out;
  }

  void title(String what, StepBench.Settings settings, int runs) {
    print(
        "%s, %s: %dx%d, batch %d, %d threads; %d runs",
        settings.model().name(),
        what,
        settings.imageSize(),
        settings.imageSize(),
        settings.batch(),
        settings.threads(),
        runs);
  }

  /** How the runs before the clock started went. */
  void warmedUp(String how) {
    print("%s runs", how);
  }

  /** An operation and what it wrote. */
  void operation(OperationResult result) {
    print("%4d  %s (%s) %s", result.step(), result.name(), result.kind(), result.inputs());
    for (OperationResult.Output output : result.outputs()) {
      print(
          "      -> %s  %.6g to %.6g%s",
          output.shape(),
          output.least(),
          output.greatest(),
          output.notFinite() > 0 ? "  NOT FINITE: " + output.notFinite() : "");
    }
  }

  void times(Times times, int batch) {
    print(
        "step: median %.2f ms, p90 %.2f ms, best %.2f ms; %.1f pictures/s",
        times.median() / 1e6,
        times.percentile(PERCENTILE) / 1e6,
        times.best() / 1e6,
        batch / (times.median() / 1e9));
  }

  void memory(long planned, OptionalLong resident) {
    print(
        "memory: %,d MiB planned%s",
        planned >> 20,
        resident.isPresent()
            ? String.format(
                Locale.ROOT, "; the process took %,d MiB at most", resident.getAsLong() >> 20)
            : "");
  }

  void profile(StepProfile profile, Work.Speeds speeds) {
    print("");
    TextTable table =
        new TextTable(Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT);
    table.row("kind of operation", "calls", "ms", "share", "floor ms", "x floor");
    for (StepProfile.Kind kind : profile.kinds()) {
      double floor = kind.floor(speeds);
      table.row(
          kind.name().replace("elapid_", ""),
          Integer.toString(kind.calls()),
          number("%.2f", kind.nanos() / 1e6),
          number("%.1f %%", 100.0 * kind.nanos() / profile.run()),
          floor == 0 ? "-" : number("%.2f", floor / 1e6),
          floor == 0 ? "-" : number("%.1f", kind.nanos() / floor));
    }
    table.lines().forEach(out::println);
    print("");
    print(
        "floor: %.2f ms with products at %.0f GFLOP/s and memory at %.1f GB/s; step / floor %.2f",
        profile.floor(speeds) / 1e6,
        2 * speeds.products(),
        speeds.bytes(),
        profile.run() / profile.floor(speeds));
    print(
        "convolutions and matrix products alone: %.2f ms; step / those of the same run %.2f",
        profile.products() / 1e6, profile.timesProducts());
    print(
        "outside kernels: %.2f ms, %.1f %% of the step",
        profile.outside() / 1e6, 100.0 * profile.outside() / profile.run());
  }

  /** Ours and those of stock operations in SameDiff's session, run in turns. */
  void naive(Times ours, Times theirs, MemoryUse memory, NaiveStep session) {
    print("");
    compare("SameDiff", ours, theirs);
    print("");
    TextTable table = memoryTable("MiB in arrays");
    long mine = memory.vector() + memory.arena();
    memory(table, "results and gradients alive at once", mine, session.peakLiveBytes());
    memory(table, "with what is kept for reuse", mine, session.peakHeldBytes());
    long rest = memory.state() + memory.batch();
    memory(table, "with weights and inputs too", mine + rest, session.peakHeldBytes() + rest);
    table.lines().forEach(out::println);
  }

  /** Memory of processes that did nothing else. */
  void resident(PeakMemory ours, PeakMemory theirs) {
    print("");
    TextTable table = memoryTable("MiB resident, each in a process of its own");
    memory(table, "what building and running it took", ours.growth(), theirs.growth());
    memory(table, "with the JVM, its heap of 1,024 MiB and ND4J", ours.peak(), theirs.peak());
    table.lines().forEach(out::println);
  }

  private static TextTable memoryTable(String title) {
    TextTable table = new TextTable(Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT);
    table.row(title, "Elapid", "SameDiff", "ratio");
    return table;
  }

  private static void memory(TextTable table, String what, long ours, long theirs) {
    table.row(
        what,
        Long.toString(ours >> 20),
        Long.toString(theirs >> 20),
        number("%.2f", (double) ours / theirs));
  }

  /** Ours and those of another program, run in turns. */
  void peer(String description, Times ours, Times theirs) {
    print("");
    print("%s", description);
    compare("PyTorch", ours, theirs);
  }

  private void compare(String other, Times ours, Times theirs) {
    TextTable table = new TextTable(Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT);
    table.row("in turns", "median ms", "p90 ms", "best ms", "runs");
    row(table, "Elapid", ours);
    row(table, other, theirs);
    table.row(
        "ratio",
        ratio(ours.median(), theirs.median()),
        ratio(ours.percentile(PERCENTILE), theirs.percentile(PERCENTILE)),
        ratio(ours.best(), theirs.best()),
        "");
    table.lines().forEach(out::println);
  }

  private static void row(TextTable table, String name, Times times) {
    table.row(
        name,
        number("%.2f", times.median() / 1e6),
        number("%.2f", times.percentile(PERCENTILE) / 1e6),
        number("%.2f", times.best() / 1e6),
        Integer.toString(times.nanos().length));
  }

  private static String ratio(long ours, long theirs) {
    return number("%.3f", (double) ours / theirs);
  }

  private void print(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
