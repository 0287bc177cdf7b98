package io.elapid.cli;

import io.elapid.job.RunFailedException;
import io.elapid.observe.ShellWords;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
      "Examples: elapid pipeline imagenet run_id=try-1 data=hdfs:///imagenet --dry-run",
      "          elapid --master yarn pipeline coco run_id=try-2 ranks=16 least=0.35"
    },
    exitCodeList = {
      "0:what was trained has passed the gate and is exported",
      "1:a job failed, or a result is below what the gate asks",
      "2:the command or its input is wrong"
    })
final class PipelineCommand implements Callable<Integer> {
  /** Jobs end by themselves before that, once they have saved what they can. */
  private static final Duration PATIENCE = Duration.ofMinutes(30);

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

  private final Path home;
  private final Jobs jobs;

  /** Runs jobs. */
  interface Jobs {
    /** Runs one with these arguments; returns its exit code. */
    int run(List<String> arguments) throws IOException, InterruptedException;
  }

  /** Submits every job by the launcher. */
  PipelineCommand() {
    this.home = Path.of(System.getenv().getOrDefault("ELAPID_HOME", "."));
    this.jobs = this::submit;
  }

  PipelineCommand(Path home, Jobs jobs) {
    this.home = home;
    this.jobs = jobs;
  }

  @Override
  public Integer call() throws Exception {
    List<Pipelines.Task> tasks =
        Pipelines.read(home.resolve("conf/airflow/pipelines.json")).tasks(name, values);
    if (!dryRun) {
      // that it cannot be written shows in days otherwise, once everything is trained
      tasks.stream()
          .filter(task -> !task.gate().isEmpty())
          .forEach(task -> ResultFile.check(Path.of(task.gate().get(0))));
    }
    for (Pipelines.Task task : tasks) {
      boolean gate = task.arguments().isEmpty();
      System.out.printf(
          "pipeline: %s: %s%n",
          task.id(),
          gate ? String.join(" ", task.gate()) : "elapid " + ShellWords.joined(task.arguments()));
      if (dryRun) {
        continue;
      }
      if (gate) {
        pass(task.gate());
      } else {
        run(task);
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

  private int submit(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("elapid").toString());
    command.addAll(System.getenv().getOrDefault("ELAPID_SUBMIT", "").lines().toList());
    command.addAll(arguments);
    // Listens before there is a job: no job may start that would not be told.
    CompletableFuture<Process> started = new CompletableFuture<>();
    Thread told =
        new Thread(() -> started.thenAccept(PipelineCommand::end).exceptionally(e -> null).join());
    Runtime.getRuntime().addShutdownHook(told);
    try {
      Process job = new ProcessBuilder(command).inheritIO().start();
      started.complete(job);
      return job.waitFor();
    } finally {
      started.cancel(false);
      if (!FailureReport.isEnding()) {
        Runtime.getRuntime().removeShutdownHook(told);
      }
    }
  }

  /** Hands on that this process is told to end: a run saves a checkpoint then. */
  private static void end(Process job) {
    job.destroy();
    try {
      if (!job.waitFor(PATIENCE.toMinutes(), TimeUnit.MINUTES)) {
        System.err.printf(
            "pipeline: its job, process %d, has not ended within %d minutes and is left alone%n",
            job.pid(), PATIENCE.toMinutes());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run(Pipelines.Task task) throws IOException, InterruptedException {
    int exit = jobs.run(task.arguments());
    if (exit != 0) {
      throw new RunFailedException(
          "%s ended with exit code %d; the same command goes on from here"
              .formatted(task.id(), exit),
          null);
    }
  }
}
