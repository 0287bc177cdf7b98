package io.elapid.cli;

import io.elapid.job.RunFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "pipeline",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the jobs of a pipeline one after the other, each submitted with the options that stand before the command,",
      "until one fails: look at the raw data, prepare, verify, train, evaluate, gate, export. Given the same run_id again,",
      "training goes on where it stopped. Airflow's DAGs in conf/airflow run the same jobs from the same file."
    },
    footer = {
      "",
      "Examples: elapid pipeline imagenet run_id=try-1 data=hdfs:///data/imagenet --dry-run",
      "          elapid --master yarn pipeline coco run_id=2026-07-01 ranks=16 least=0.35"
    })
final class PipelineCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME", description = "imagenet, coco or ade20k")
  private String name;

  @Parameters(
      index = "1..*",
      paramLabel = "KEY=VALUE",
      description =
          "parameters in place of their defaults (conf/airflow/pipelines.json has them all), and run_id, which names"
              + " the run's folder")
  private Map<String, String> values = new LinkedHashMap<>();

  @Option(names = "--dry-run", description = "prints what would be run")
  private boolean dryRun;

  @Override
  public Integer call() throws Exception {
    Path home = Path.of(System.getenv().getOrDefault("ELAPID_HOME", "."));
    List<Pipelines.Task> tasks =
        Pipelines.read(home.resolve("conf/airflow/pipelines.json")).tasks(name, values);
    for (Pipelines.Task task : tasks) {
      boolean gate = task.arguments().isEmpty();
      System.out.printf(
          "pipeline: %s: %s%n",
          task.id(),
          gate ? String.join(" ", task.gate()) : "elapid " + String.join(" ", task.arguments()));
      if (dryRun) {
        continue;
      }
      if (gate) {
        pass(task.gate());
      } else {
        run(home, task);
      }
    }
    return 0;
  }

  private static void pass(List<String> gate) throws IOException {
    String shortfall =
        ResultFile.shortfall(Path.of(gate.get(0)), gate.get(1), Double.parseDouble(gate.get(2)));
    if (!shortfall.isEmpty()) {
      throw new RunFailedException(shortfall, null);
    }
  }

  private static void run(Path home, Pipelines.Task task) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("elapid").toString());
    command.addAll(System.getenv().getOrDefault("ELAPID_SUBMIT", "").lines().toList());
    command.addAll(task.arguments());
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (exit != 0) {
      throw new RunFailedException(
          "%s ended with exit code %d; the same command goes on from here"
              .formatted(task.id(), exit),
          null);
    }
  }
}
