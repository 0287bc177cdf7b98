package io.elapid.cli;

import io.elapid.chaos.ChaosCase;
import io.elapid.chaos.ChaosMatrix;
import io.elapid.chaos.Lab;
import io.elapid.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    description = {
      "Breaks training runs on this machine on purpose and checks what becomes of them: executors"
          + " killed, stopped and",
      "hung, connections cut and garbled, disks full, drivers killed and doubled. Real Spark and"
          + " HDFS processes; the moment",
      "and the victim of each fault come from the seed. Takes a minute or two for each case."
    },
    footer = {"", "Example: elapid chaos --seed 1 --case stop-rank --case driver-killed"},
    exitCodeList = {
      "0:everything came out as expected",
      "1:something did not",
      "2:the command or its input is wrong"
    })
final class ChaosCommand implements Callable<Integer> {
  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "may be repeated; default: ${DEFAULT-VALUE}")
  private List<Long> seeds = new ArrayList<>();

  @Option(
      names = "--case",
      paramLabel = "NAME",
      description = "only this one; may be repeated; --list names them")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--at-once",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "so many cases side by side; they wait much, but each needs two cores (default:"
              + " ${DEFAULT-VALUE})")
  private int atOnce;

  @Option(names = "--list", description = "names the cases and what is expected of each")
  private boolean list;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description =
          "new or empty folder for logs, and for everything of a case that came out otherwise"
              + " (default: a temporary folder)")
  private Path folder;

  @Override
  public Integer call() throws Exception {
    List<ChaosCase> cases = chosen();
    Limits.require("--at-once", atOnce, 1, Runtime.getRuntime().availableProcessors());
    if (list) {
      TextTable table = new TextTable(TextTable.Align.LEFT, TextTable.Align.LEFT);
      cases.forEach(c -> table.row(c.name(), c.expected()));
      table.lines().forEach(System.out::println);
      return 0;
    }
    Path place = place();
    System.out.printf("chaos: %d cases, logs in %s%n", cases.size() * seeds.size(), place);
    Lab lab = new Lab(home(), place);
    lab.prepare();
    List<ChaosCase.Outcome> outcomes = run(cases, lab);
    table(outcomes).lines().forEach(System.out::println);
    boolean good = outcomes.stream().allMatch(ChaosCase.Outcome::asExpected);
    return good ? 0 : FailureReport.RUN_FAILED;
  }

  private Path place() throws IOException {
    if (folder == null) {
      return Files.createTempDirectory("elapid-chaos-");
    }
    if (Files.exists(folder) && !isEmptyFolder(folder)) {
      throw new InputException(
          "--folder: %s is not empty, or no folder".formatted(folder),
          "name a new or empty folder");
    }
    return folder;
  }

  private static boolean isEmptyFolder(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.findAny().isEmpty();
    }
  }

  private List<ChaosCase.Outcome> run(List<ChaosCase> cases, Lab lab) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(atOnce);
    try {
      List<Future<ChaosCase.Outcome>> running = new ArrayList<>();
      for (long seed : seeds) {
        cases.forEach(one -> running.add(threads.submit(() -> told(one.run(lab, seed)))));
      }
      List<ChaosCase.Outcome> outcomes = new ArrayList<>();
      for (Future<ChaosCase.Outcome> one : running) {
        outcomes.add(one.get());
      }
      return outcomes;
    } finally {
      threads.shutdownNow();
    }
  }

  private static ChaosCase.Outcome told(ChaosCase.Outcome outcome) {
    System.out.printf(
        "chaos: %s, seed %d, %s: %s%n",
        outcome.name(),
        outcome.seed(),
        seconds(outcome.time().toMillis()),
        outcome.asExpected() ? "as expected" : "FAILED: " + outcome.problem());
    return outcome;
  }

  private static TextTable table(List<ChaosCase.Outcome> outcomes) {
    TextTable table =
        new TextTable(
            TextTable.Align.LEFT,
            TextTable.Align.RIGHT,
            TextTable.Align.LEFT,
            TextTable.Align.RIGHT,
            TextTable.Align.RIGHT,
            TextTable.Align.RIGHT,
            TextTable.Align.RIGHT);
    table.row("case", "seed", "outcome", "time", "bound", "steps lost", "all stopped within");
    for (ChaosCase.Outcome outcome : outcomes) {
      table.row(
          outcome.name(),
          Long.toString(outcome.seed()),
          outcome.asExpected() ? "as expected" : "FAILED",
          seconds(outcome.time().toMillis()),
          seconds(outcome.bound().toMillis()),
          Long.toString(outcome.stepsLost()),
          outcome.stopping());
    }
    return table;
  }

  private List<ChaosCase> chosen() {
    List<ChaosCase> all = ChaosMatrix.cases();
    for (String name : names) {
      if (all.stream().noneMatch(c -> c.name().equals(name))) {
        throw new InputException("there is no case " + name, "elapid chaos --list names them");
      }
    }
    return names.isEmpty() ? all : all.stream().filter(c -> names.contains(c.name())).toList();
  }

  private static Path home() {
    String home = System.getenv("ELAPID_HOME");
    if (home == null) {
      throw new InputException(
          "ELAPID_HOME is not set, so there is no launcher to start runs with",
          "use the launcher: ./elapid chaos");
    }
    return Path.of(home);
  }

  private static String seconds(long millis) {
    return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
  }
}
