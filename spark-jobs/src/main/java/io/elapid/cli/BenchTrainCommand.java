package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.engine.MachineSpeeds;
import io.elapid.engine.StepBench;
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
    StepBench.Settings settings = options.settings();
    StepBenchReport report = new StepBenchReport(System.out);
    report.title("training", settings, options.warmUp(), options.runs());
    try (StepBench bench = StepBench.training(settings)) {
      Times times = bench.times(options.warmUp(), options.runs());
      report.times(times, settings.batch());
      report.memory(bench.plannedBytes(), ProcessMemory.peakResident());
      report.profile(bench.profile(options.runs()), MachineSpeeds.measure(settings.threads()));
    }
    return 0;
  }
}
