package io.elapid.cli;

import io.elapid.benchmark.WarmUp;
import io.elapid.worker.RankTrial;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Ranks of one benchmark, each in a process of its own, which stand still between their turns. */
final class RankGroup implements AutoCloseable {
  private static final Duration LONGEST_STEP = Duration.ofMinutes(5);

  private final String name;
  private final List<Process> processes = new ArrayList<>();
  private final List<BufferedReader> outputs = new ArrayList<>();
  private final List<Writer> inputs = new ArrayList<>();
  private final List<RankTrial.Result> turns = new ArrayList<>();

  private RankGroup(String name) {
    this.name = name;
  }

  /** Starts the processes, and has them meet. */
  static RankGroup start(String name, RankTrial.Settings settings, int ranks) throws IOException {
    return started(name, settings, ranks, ranks);
  }

  /** Starts processes that know nothing of each other, each a single rank. */
  static RankGroup apart(String name, RankTrial.Settings settings, int count) throws IOException {
    return started(name, settings, count, 1);
  }

  private static RankGroup started(String name, RankTrial.Settings settings, int count, int ranks)
      throws IOException {
    RankGroup group = new RankGroup(name);
    try {
      for (int i = 0; i < count; i++) {
        group.add(process(settings, i % ranks, ranks));
      }
      if (ranks > 1) {
        group.tell(String.join(";", group.answers(RankTrial.PEER, 1)));
      }
      return group;
    } catch (IOException | RuntimeException e) {
      group.close();
      throw e;
    }
  }

  /** What tables call it. */
  String name() {
    return name;
  }

  private void add(Process process) {
    processes.add(process);
    outputs.add(process.inputReader(StandardCharsets.UTF_8));
    inputs.add(process.outputWriter(StandardCharsets.UTF_8));
  }

  /** Has all ranks do so many steps that are not counted. */
  void warmUp(int steps) throws IOException {
    if (steps > 0) {
      results(steps);
    }
  }

  /**
   * Has all ranks do steps that are not counted, until their compilers have found nothing to do for
   * a while: they would take the core of another rank, while beside a single one a core is free.
   *
   * @return how many steps that took; empty if {@link WarmUp#MOST} were not enough
   */
  OptionalInt warmUpUntilCompiled() throws IOException {
    WarmUp.Stretch<IOException> stretch =
        steps -> results(steps).stream().mapToDouble(RankTrial.Result::compiling).max().orElse(0);
    return WarmUp.untilCompiled(stretch);
  }

  /** Has all ranks do so many steps in a row, whose medians count. */
  void turn(int steps) throws IOException {
    turns.add(RankTrial.Result.slowest(results(steps)));
  }

  private List<RankTrial.Result> results(int steps) throws IOException {
    tell(Integer.toString(steps));
    return answers(RankTrial.TURN, steps).stream().map(RankTrial.Result::parse).toList();
  }

  /** What the slowest rank has said of each turn. */
  List<RankTrial.Result> turns() {
    return turns;
  }

  private void tell(String line) throws IOException {
    for (Writer input : inputs) {
      input.append(line).append('\n').flush();
    }
  }

  /**
   * The next line of each that begins with the mark, without it.
   *
   * @param steps that they do first
   * @throws IOException if one ends before, or takes too long: all are ended then
   */
  private List<String> answers(String mark, int steps) throws IOException {
    Duration longest = LONGEST_STEP.multipliedBy(steps);
    CompletableFuture<Void> answered =
        new CompletableFuture<Void>().orTimeout(longest.toMinutes(), TimeUnit.MINUTES);
    CompletableFuture<Void> watch =
        answered.exceptionally(
            late -> {
              close();
              return null;
            });
    try {
      List<String> answers = new ArrayList<>();
      for (BufferedReader output : outputs) {
        answers.add(answer(output, mark));
      }
      return answers;
    } catch (IOException e) {
      throw answered.isCompletedExceptionally()
          ? new IOException("a rank did nothing for %d min".formatted(longest.toMinutes()), e)
          : e;
    } finally {
      answered.complete(null);
      watch.join();
    }
  }

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

  private static Process process(RankTrial.Settings settings, int rank, int ranks)
      throws IOException {
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
            "--image-size", settings.imageSize());
    numbers.forEach((option, value) -> command.addAll(List.of(option, value.toString())));
    command.addAll(List.of("--way", settings.way().name()));
    if (settings.channel() == RankTrial.Channel.TLS) {
      command.add("--encrypt");
    }
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.start();
  }

  /** Ends the processes, whatever they do. */
  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }
}
