package io.elapid.cli;

import io.elapid.benchmark.Times;
import io.elapid.engine.MachineSpeeds;
import io.elapid.engine.StepBench;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "infer",
    mixinStandardHelpOptions = true,
    description = {
      "Times class scores of made-up pictures, batch norms folded.",
      "The floor is what the pass's operations would take at this machine's speed of matrix products and of copying",
      "memory, both measured in the same run; inputs that are still in a cache can beat it."
    },
    footer = {"", "Example: elapid bench infer --model tinyvim_s --batch 16 --threads 2"})
final class BenchInferCommand implements Callable<Integer> {
  @Mixin private StepBenchOptions options;

  @Override
  public Integer call() {
    StepBench.Settings settings = options.settings();
    StepBenchReport report = new StepBenchReport(System.out);
    report.title("inference", settings, options.warmUp(), options.runs());
    try (StepBench bench = StepBench.inference(settings)) {
      Times times = bench.times(options.warmUp(), options.runs());
      report.times(times, settings.batch());
      report.memory(bench.plannedBytes(), ProcessMemory.peakResident());
      report.profile(bench.profile(options.runs()), MachineSpeeds.measure(settings.threads()));
    }
    return 0;
  }
}
