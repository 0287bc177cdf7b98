package io.elapid.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "allreduce",
    mixinStandardHelpOptions = true,
    description = {
      "Times sums over ranks, in clear text and through TLS, against sockets that only copy.",
      "Ranks are threads here, their sockets real ones on the loopback interface. The copy moves as many bytes, between",
      "the same pairs, in both directions at once."
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
      defaultValue = "15",
      description = "sums of each kind on the clock (default: ${DEFAULT-VALUE})")
  private int runs;

  @Option(
      names = "--warm-up",
      paramLabel = "MB",
      defaultValue = "1000",
      description = "summed before, until loops are compiled (default: ${DEFAULT-VALUE})")
  private int warmUp;

  @Override
  public Integer call() throws Exception {
    Limits.require("--ranks", ranks, 2, MAX_RANKS);
    Limits.require("--runs", runs, 1, Limits.RUNS);
    Limits.require("--warm-up", warmUp, 0, Limits.RUNS);
    for (int size : sizes) {
      Limits.require("--size", size, 1, MAX_MEGABYTES);
    }
    new AllReduceBench(ranks, warmUp, runs, System.out).run(sizes);
    return 0;
  }
}
