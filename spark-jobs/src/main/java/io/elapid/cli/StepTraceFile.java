package io.elapid.cli;

import io.elapid.data.InputException;
import io.elapid.engine.StepBench;
import io.elapid.observe.ChromeTrace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes what some runs of a benchmark do, operation by operation. */
final class StepTraceFile {
  private static final int RUNS = 3;

  private StepTraceFile() {}

  static void write(Path file, StepKind kind, StepBench bench) {
    ChromeTrace trace = new ChromeTrace(0, "elapid bench " + kind.word());
    for (int run = 0; run < RUNS; run++) {
      long start = System.nanoTime();
      bench.run(
          (operation, name, nanos) ->
              trace.add(ChromeTrace.OPERATION, operation, name, System.nanoTime() - nanos, nanos));
      String title = "run " + (run + 1);
      trace.add(ChromeTrace.STEP, title, "", start, System.nanoTime() - start);
    }
    try {
      Files.writeString(file, trace.json());
    } catch (IOException e) {
      throw new InputException(
          "cannot write %s: %s".formatted(file, e.getMessage()),
          "name a file in a folder that exists and that you may write to",
          e);
    }
  }
}
