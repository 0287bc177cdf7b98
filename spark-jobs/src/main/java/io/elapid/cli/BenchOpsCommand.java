package io.elapid.cli;

import io.elapid.benchmark.ScanShape;
import io.elapid.data.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "ops",
    mixinStandardHelpOptions = true,
    description = {
      "Times the state-space and map kernels of the CPU backend, and without --shape those of",
      "detectors and segmenters, with JMH against the reference and against the floor that",
      "memory and arithmetic set; takes some minutes."
    },
    footer = {"", "Example: elapid bench ops --shape TINYVIM"})
final class BenchOpsCommand implements Callable<Integer> {
  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "pictures (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "threads of one call (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(
      names = "--shape",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "only shapes whose name starts like this, such as TINYVIM_B")
  private String prefix;

  @Option(names = "--no-reference", description = "leaves the slow reference out")
  private boolean withoutReference;

  @Option(
      names = "--rough",
      description = "times everything for moments only: shows that it runs, not how fast")
  private boolean rough;

  @Override
  public Integer call() throws Exception {
    OpsBenchmark.Reference reference =
        withoutReference ? OpsBenchmark.Reference.SKIPPED : OpsBenchmark.Reference.TIMED;
    Limits.require("--batch", batch, 1, Limits.BATCH);
    Limits.require("--threads", threads, 1, Limits.THREADS);
    OpsBenchmark.Effort effort = rough ? OpsBenchmark.Effort.ROUGH : OpsBenchmark.Effort.WHOLE;
    new OpsBenchmark(batch, threads, shapes(), reference, effort).run(System.out);
    return 0;
  }

  private List<ScanShape> shapes() {
    List<ScanShape> shapes =
        Arrays.stream(ScanShape.values())
            .filter(shape -> shape.name().startsWith(prefix.toUpperCase(Locale.ROOT)))
            .toList();
    if (shapes.isEmpty()) {
      throw new InputException(
          "no shape starts with '%s'".formatted(prefix),
          "the shapes are: %s".formatted(Arrays.toString(ScanShape.values())));
    }
    return shapes;
  }
}
