package io.elapid.cli;

import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "allreduce",
    mixinStandardHelpOptions = true,
    description = {
      "Times sums over ranks, in clear text and through TLS, against sockets that only copy.",
      "Ranks are threads here, their sockets real ones on the loopback interface. The copy moves as many bytes, between",
      "the same pairs, in both directions at once. All three take turns, so that whatever else the machine does meets each."
    },
    footer = {"", "Example: elapid bench allreduce --ranks 2 --size 27,108"})
final class BenchAllReduceCommand implements Callable<Integer> {
  private static final int MAX_RANKS = 16;
  private static final int MAX_MEGABYTES = 1000;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      defaultValue = "2",
      description = "ranks (default: ${DEFAULT-VALUE})")
  private int ranks;

  @Option(
      names = "--size",
      paramLabel = "MB",
      split = ",",
      defaultValue = "1,10,50,200",
      description = "sizes of the vector in millions of bytes (default: ${DEFAULT-VALUE})")
  private List<Integer> sizes;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description =
          "sums of each kind on the clock (default: as many as make 500 MB, and at least 15)")
  private Integer runs;

  @Option(
      names = "--warm-up",
      paramLabel = "MB",
      defaultValue = "1000",
      description = "summed before, until loops are compiled (default: ${DEFAULT-VALUE})")
  private int warmUp;

  @Override
  public Integer call() throws Exception {
    Limits.require("--ranks", ranks, 2, MAX_RANKS);
    if (runs != null) {
      Limits.require("--runs", runs, 1, Limits.RUNS);
    }
    Limits.require("--warm-up", warmUp, 0, Limits.RUNS);
    for (int size : sizes) {
      Limits.require("--size", size, 1, MAX_MEGABYTES);
    }
    OptionalInt onTheClock = runs == null ? OptionalInt.empty() : OptionalInt.of(runs);
    new AllReduceBench(ranks, warmUp, onTheClock, System.out).run(sizes);
    return 0;
  }
}
