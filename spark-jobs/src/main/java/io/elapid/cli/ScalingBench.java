package io.elapid.cli;

import io.elapid.worker.RankTrial;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs ranks in processes of their own and compares their speed with that of one. */
final class ScalingBench {
  private static final long END_SECONDS = 10;

  private final RankTrial.Settings settings;
  private final PrintStream out;

  ScalingBench(RankTrial.Settings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
  }

  void run(int ranks) throws IOException, InterruptedException {
    out.printf(
        "%s, %d x %d pictures of %d x %d a step, one thread a rank, %s; medians of %d steps%n",
        settings.model(),
        settings.shards(),
        settings.samples(),
        settings.imageSize(),
        settings.imageSize(),
        settings.channel() == RankTrial.Channel.TLS ? "TLS" : "clear text",
        settings.runs());
    RankTrial.Result one = trial(1, RankTrial.Way.AFTER);
    print("1 rank", one);
    for (RankTrial.Way way : RankTrial.Way.values()) {
      RankTrial.Result several = trial(ranks, way);
      print("%d ranks, sums %s".formatted(ranks, way.words()), several);
      out.printf("  %.2f times as fast as one%n", one.step() / several.step());
    }
  }

  private void print(String name, RankTrial.Result result) {
    out.printf(
        "%-34s %7.2f pictures/s, step %.1f ms: compute %.1f, waiting for sums %.1f (%.1f %%), update %.1f; sent %.1f MB a step%n",
        name,
        settings.shards() * settings.samples() / result.step(),
        result.step() * 1e3,
        result.compute() * 1e3,
        result.sync() * 1e3,
        100 * result.sync() / result.step(),
        result.update() * 1e3,
        result.sent() / 1e6);
  }

  /** The slowest rank's. */
  private RankTrial.Result trial(int ranks, RankTrial.Way way)
      throws IOException, InterruptedException {
    List<Process> processes = new ArrayList<>();
    try {
      List<BufferedReader> outputs = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        Process process = start(rank, ranks, way);
        processes.add(process);
        outputs.add(process.inputReader(StandardCharsets.UTF_8));
      }
      if (ranks > 1) {
        introduce(processes, outputs);
      }
      List<RankTrial.Result> results = new ArrayList<>();
      for (BufferedReader output : outputs) {
        results.add(RankTrial.Result.parse(answer(output, RankTrial.RESULT)));
      }
      for (Process process : processes) {
        process.waitFor(END_SECONDS, TimeUnit.SECONDS);
      }
      return RankTrial.Result.slowest(results);
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }

  private static void introduce(List<Process> processes, List<BufferedReader> outputs)
      throws IOException {
    List<String> lines = new ArrayList<>();
    for (BufferedReader output : outputs) {
      lines.add(answer(output, RankTrial.PEER));
    }
    for (Process process : processes) {
      process
          .outputWriter(StandardCharsets.UTF_8)
          .append(String.join(";", lines))
          .append('\n')
          .flush();
    }
  }

  /** The next line that begins with the mark, without it. */
  private static String answer(BufferedReader output, String mark) throws IOException {
    String line;
    do {
      line = output.readLine();
    } while (line != null && !line.startsWith(mark));
    if (line == null) {
      throw new IOException("a rank ended early; its messages are above");
    }
    return line.substring(mark.length());
  }

  private Process start(int rank, int ranks, RankTrial.Way way) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Elapid.class.getName()));
    command.addAll(List.of("bench", "scaling", "--model", settings.model()));
    Map<String, Integer> numbers =
        Map.of(
            "--as-rank", rank,
            "--ranks", ranks,
            "--shards", settings.shards(),
            "--samples", settings.samples(),
            "--image-size", settings.imageSize(),
            "--warm-up", settings.warmUp(),
            "--runs", settings.runs());
    numbers.forEach((option, value) -> command.addAll(List.of(option, value.toString())));
    command.addAll(List.of("--way", way.name()));
    if (settings.channel() == RankTrial.Channel.TLS) {
      command.add("--encrypt");
    }
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.start();
  }
}
