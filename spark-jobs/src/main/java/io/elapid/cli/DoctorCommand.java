package io.elapid.cli;

import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.job.DoctorJob;
import io.elapid.job.Finding;
import io.elapid.job.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks for what would stop a run or slow it down, before it has cost anything: Spark's settings, every executor",
      "from inside (Java, Vector API, native libraries, memory), data set, weights, output folder. Names each problem and its fix."
    },
    footer = {
      "",
      "Example: elapid --master spark://host:7077 doctor \\",
      "           --recipe efficientvim_m1_imagenet --data hdfs:///data/imagenet \\",
      "           --output hdfs:///runs/m1 --ranks 8"
    },
    exitCodeList = {"0:nothing is wrong", "1:something is", "2:the command or its input is wrong"})
final class DoctorCommand implements Callable<Integer> {
  @Option(
      names = "--recipe",
      paramLabel = "FILE|NAME",
      description =
          "the recipe of the run that is meant; without it, what any run needs is looked at")
  private String recipe;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "overrides a key of the recipe; may be repeated")
  private List<String> overrides = new ArrayList<>();

  @Option(names = "--data", paramLabel = "PATH", description = "short for -D data.path=PATH")
  private String data;

  @Option(names = "--output", paramLabel = "PATH", description = "short for -D output=PATH")
  private String output;

  @Option(names = "--ranks", paramLabel = "N", description = "short for -D cluster.ranks=N")
  private Integer ranks;

  @Override
  public Integer call() {
    try (Session session = Session.open("doctor")) {
      List<Finding> findings = new DoctorJob(session, recipe()).run();
      print(findings);
      return findings.stream().anyMatch(f -> f.verdict() == Finding.Verdict.PROBLEM)
          ? FailureReport.RUN_FAILED
          : 0;
    }
  }

  private Optional<Recipe> recipe() {
    List<String> all = RecipeOptions.overrides(overrides, data, output, ranks);
    if (recipe != null) {
      return Optional.of(RecipeLoader.load(recipe, all));
    }
    return all.isEmpty()
        ? Optional.empty()
        : Optional.of(RecipeLoader.parse("the command line", "", all));
  }

  private static void print(List<Finding> findings) {
    TextTable table =
        new TextTable(TextTable.Align.LEFT, TextTable.Align.LEFT, TextTable.Align.LEFT);
    table.row("looked at", "verdict", "found");
    findings.forEach(
        f -> {
          table.row(f.subject(), f.verdict().name().toLowerCase(Locale.ROOT), f.text());
          if (!f.fix().isEmpty()) {
            table.row("", "fix:", f.fix());
          }
        });
    table.lines().forEach(System.out::println);
    long problems = findings.stream().filter(f -> f.verdict() == Finding.Verdict.PROBLEM).count();
    System.out.printf(
        "doctor: %s%n", problems == 0 ? "nothing is wrong" : problems + " problem(s)");
  }
}
