package io.elapid.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "memory",
    mixinStandardHelpOptions = true,
    description = "Tells what a training step of each network takes, without taking it.",
    footer = {"", "Example: elapid bench memory --batch 64"})
final class BenchMemoryCommand implements Callable<Integer> {
  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "pictures (default: ${DEFAULT-VALUE})")
  private int batch;

  @Override
  public Integer call() {
    StepMemoryTable.print(Limits.require("--batch", batch, 1, Limits.BATCH), System.out);
    return 0;
  }
}
