package io.elapid.cli;

import io.elapid.benchmark.ScanShape;
import io.elapid.data.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures this machine: 'ops' times the state-space kernels of the CPU backend with JMH against the reference",
      "and against the floor that memory and arithmetic set; 'memory' tells what a training step of each network takes."
    },
    footer = {"", "Examples: elapid bench ops --shape TINYVIM", "          elapid bench memory"})
final class BenchCommand implements Callable<Integer> {
  /** What to measure. */
  enum Subject {
    OPS,
    MEMORY
  }

  @Parameters(paramLabel = "WHAT", description = "${COMPLETION-CANDIDATES}")
  private Subject subject;

  @Option(
      names = "--batch",
      defaultValue = "16",
      description = "pictures (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--threads",
      defaultValue = "2",
      description = "threads of one call (default: ${DEFAULT-VALUE})")
  private int threads;

  @Option(
      names = "--shape",
      defaultValue = "",
      description = "only shapes whose name starts like this, such as TINYVIM_B")
  private String prefix;

  @Option(names = "--no-reference", description = "leaves the slow reference out")
  private boolean withoutReference;

  @Override
  public Integer call() throws Exception {
    if (subject == Subject.MEMORY) {
      StepMemoryTable.print(batch, System.out);
    } else {
      OpsBenchmark.Reference reference =
          withoutReference ? OpsBenchmark.Reference.SKIPPED : OpsBenchmark.Reference.TIMED;
      new OpsBenchmark(batch, threads, shapes(), reference).run(System.out);
    }
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
