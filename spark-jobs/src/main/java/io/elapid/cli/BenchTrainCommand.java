package io.elapid.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Times training steps on made-up pictures: forward and backward pass, clipping, AdamW, moving average.",
      "The floor is what the step's operations would take at this machine's speed of matrix products and of copying",
      "memory, both measured in the same run; inputs that are still in a cache can beat it."
    },
    footer = {"", "Example: elapid bench train --model tinyvim_s --batch 16 --threads 2"})
final class BenchTrainCommand implements Callable<Integer> {
  @Mixin private StepBenchOptions options;

  @Override
  public Integer call() {
    new StepBenchRun(StepKind.TRAIN, options, System.out).run();
    return 0;
  }
}
