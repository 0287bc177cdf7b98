package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.engine.MachineSpeeds;
import io.elapid.engine.NaiveStep;
import io.elapid.engine.NetworkCost;
import io.elapid.engine.StepBench;
import io.elapid.graph.Mode;
import java.io.PrintStream;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Times one network and prints what was found. */
final class StepBenchRun {
  /** Long enough for the waiting threads of the other side to stop spinning. */
  private static final long PAUSE_MILLIS = 10;

  private final StepKind kind;
  private final StepBenchOptions options;
  private final StepBenchReport report;

  StepBenchRun(StepKind kind, StepBenchOptions options, PrintStream out) {
    this.kind = kind;
    this.options = options;
    this.report = new StepBenchReport(out);
  }

  void run() {
    StepBench.Settings settings = options.settings();
    options.peer().ifPresent(peer -> peer.requireKnown(settings.model().name()));
    report.title(kind.title(), settings, options.warmUp(), options.runs());
    try (StepBench bench = kind.open(settings)) {
      Times times = bench.times(options.warmUp(), options.runs());
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
      Times[] times = inTurns(bench::timedRun, naive::timedRun);
      report.naive(times[0], times[1], bench.memory(), naive);
    }
  }

  private void compare(StepBench bench, Peer peer, StepBench.Settings settings) {
    try (TorchPeer torch = TorchPeer.start(peer, kind, settings)) {
      requireSameNetwork(torch, settings);
      Times[] times = inTurns(bench::timedRun, torch::timedRun);
      report.peer(torch.description(), times[0], times[1]);
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

  /** Ours and theirs, A B A B, so that whatever else the machine does meets both. */
  private Times[] inTurns(LongSupplier ours, LongSupplier theirs) {
    int warmUp = options.warmUp();
    long[] first = new long[options.runs()];
    long[] second = new long[options.runs()];
    for (int i = -warmUp; i < options.runs(); i++) {
      long a = ours.getAsLong();
      pause();
      long b = theirs.getAsLong();
      pause();
      if (i >= 0) {
        first[i] = a;
        second[i] = b;
      }
    }
    return new Times[] {new Times(first), new Times(second)};
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    }
  }
}
