package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.engine.MachineSpeeds;
import io.elapid.engine.NaiveStep;
import io.elapid.engine.NetworkCost;
import io.elapid.engine.StepBench;
import io.elapid.graph.Mode;
import java.io.PrintStream;
import java.util.OptionalLong;

/** Times one network and prints what was found. */
final class StepBenchRun {
  /** Runs after which a step's memory grows no more. */
  private static final int MEMORY_RUNS = 4;

  private final StepKind kind;
  private final StepBenchOptions options;
  private final PrintStream out;
  private final StepBenchReport report;

  StepBenchRun(StepKind kind, StepBenchOptions options, PrintStream out) {
    this.kind = kind;
    this.options = options;
    this.out = out;
    this.report = new StepBenchReport(out);
  }

  void run() {
    StepBench.Settings settings = options.settings();
    if (options.alone().isPresent()) {
      Side side = options.alone().get();
      int runs = options.warmUp().orElse(0) + options.runs();
      out.println(PeakMemory.here(side, kind, settings, runs).json());
      return;
    }
    if (options.rewrites()) {
      RewriteTable.print(kind, options, out);
      return;
    }
    options.peer().ifPresent(peer -> peer.requireKnown(settings.model().name()));
    report.title(kind.title(), settings, options.runs());
    try (StepBench bench = kind.open(settings)) {
      if (options.operations()) {
        bench.inspect(report::operation);
        return;
      }
      report.warmedUp(options.warmUp(bench::run));
      Times times = bench.times(0, options.runs());
      OptionalLong resident = ProcessMemory.peakResident();
      report.times(times, settings.batch());
      report.memory(bench.memory().peak(), resident);
      report.profile(bench.profile(options.runs()), MachineSpeeds.measure(settings.threads()));
      options.profile().ifPresent(file -> StepTraceFile.write(file, kind, bench));
      if (options.naive()) {
        compareToSession(bench, settings);
      }
      options.peer().ifPresent(peer -> compare(bench, peer, settings));
    }
  }

  private void compareToSession(StepBench bench, StepBench.Settings settings) {
    try (NaiveStep naive = kind.openNaive(settings)) {
      Turns times = Turns.take(options, bench::timedRun, naive::timedRun);
      report.naive(times.first(), times.second(), bench.memory(), naive);
    }
    report.resident(
        PeakMemory.elsewhere(Side.ELAPID, kind, settings, MEMORY_RUNS),
        PeakMemory.elsewhere(Side.SAMEDIFF, kind, settings, MEMORY_RUNS));
  }

  private void compare(StepBench bench, Peer peer, StepBench.Settings settings) {
    try (TorchPeer torch = TorchPeer.start(peer, kind, settings)) {
      requireSameNetwork(torch, settings);
      Turns times = Turns.take(options, bench::timedRun, torch::timedRun);
      report.peer(torch.description(), times.first(), times.second());
    }
  }

  private static void requireSameNetwork(TorchPeer torch, StepBench.Settings settings) {
    long ours =
        NetworkCost.of(settings.model(), settings.classes(), settings.imageSize(), Mode.TRAIN)
            .parameters();
    if (torch.parameters() != ours) {
      throw new IllegalStateException(
          "PyTorch's %s has %,d parameters, ours %,d"
              .formatted(settings.model().name(), torch.parameters(), ours));
    }
  }
}
