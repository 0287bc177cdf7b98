package io.elapid.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/**
 * Pipelines in one process that spark-submit has started, each job an application of its own there:
 * {@code HOME PIPELINE KEY=VALUE... [-- PIPELINE KEY=VALUE...]}. Their command submits every job by
 * itself, which takes longer than such small jobs do.
 */
public final class PipelineProgram {
  private PipelineProgram() {}

  public static void main(String[] words) {
    Path home = Path.of(words[0]);
    List<String> all = new ArrayList<>(Arrays.asList(words).subList(1, words.length));
    int exit = 0;
    while (exit == 0 && !all.isEmpty()) {
      int end = all.contains("--") ? all.indexOf("--") : all.size();
      exit = run(home, all.subList(0, end));
      all = all.subList(Math.min(end + 1, all.size()), all.size());
    }
    // Spark leaves threads behind
    System.exit(exit);
  }

  private static int run(Path home, List<String> words) {
    CommandLine line =
        new CommandLine(new PipelineCommand(home, job -> Elapid.run(job.toArray(String[]::new))));
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> FailureReport.print(failure, System.err));
    return line.execute(words.toArray(String[]::new));
  }
}
