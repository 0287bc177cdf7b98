package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.benchmark.Work;
import io.elapid.cli.TextTable.Align;
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

  void title(String what, StepBench.Settings settings, int warmUp, int runs) {
    print(
        "%s, %s: %dx%d, batch %d, %d threads; %d runs after %d to warm up",
        settings.model().name(),
        what,
        settings.imageSize(),
        settings.imageSize(),
        settings.batch(),
        settings.threads(),
        runs,
        warmUp);
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
        "convolutions and matrix products alone: %.2f ms; step / that %.2f",
        profile.products() / 1e6, (double) profile.run() / profile.products());
    print(
        "outside kernels: %.2f ms, %.1f %% of the step",
        profile.outside() / 1e6, 100.0 * profile.outside() / profile.run());
  }

  private void print(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
