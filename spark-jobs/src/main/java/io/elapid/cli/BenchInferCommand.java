package io.elapid.cli;

import io.elapid.data.InputException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "infer",
    mixinStandardHelpOptions = true,
    description = {
      "Times class scores of made-up pictures, batch norms folded.",
      "The floor is what the pass's operations would take at this machine's speed of matrix products and of copying",
      "memory, both measured in the same run; inputs that are still in a cache can beat it."
    },
    footer = {
      "",
      "Examples: elapid bench infer --model tinyvim_s --batch 16 --threads 2",
      "          elapid bench infer --all --batch 1"
    })
final class BenchInferCommand implements Callable<Integer> {
  @Mixin private StepBenchOptions options;

  @Option(
      names = "--all",
      description =
          "times every network in place of one, and prints one table; options that look closer at one do not go with it")
  private boolean all;

  @Override
  public Integer call() {
    if (!all) {
      new StepBenchRun(StepKind.INFER, options, System.out).run();
    } else if (options.singlesOut()) {
      throw new InputException(
          "bench infer: --all goes with no option that looks at one network",
          "name one network with --model to compare it");
    } else {
      LatencyTable.print(options, System.out);
    }
    return 0;
  }
}
