package io.elapid.cli;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.cli.TextTable.Align;
import io.elapid.job.RunsJob;
import io.elapid.observe.track.MlflowLeftovers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "runs",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the runs below a folder: recipe, network, data, steps, best evaluation, time, state.",
      "States: finished, stopped (told to end; the same command goes on), failed, running, and lost: the driver gives no",
      "sign of life. Needs no cluster.",
      "With --send, tells MLflow what ended runs have left in their folders because the server did not take it."
    },
    footer = {
      "",
      "Examples: elapid runs hdfs:///runs",
      "          elapid runs runs/ --format csv > runs.csv",
      "          elapid runs hdfs:///runs --send"
    },
    exitCodeList = {
      "0:done",
      "1:with --send: something is still left",
      "2:the command or its input is wrong"
    })
final class RunsCommand implements Callable<Integer> {
  /** Forms of the listing. */
  enum Format {
    TEXT,
    CSV,
    JSON
  }

  /** Longest time for one request. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  @Parameters(
      paramLabel = "DIR",
      description = "a run's folder, or one with runs in it, any Hadoop path")
  private String folder;

  @Option(
      names = "--format",
      paramLabel = "text|csv|json",
      defaultValue = "text",
      description = "times are seconds in csv and json (default: ${DEFAULT-VALUE})")
  private Format format;

  @Option(
      names = "--send",
      description = {
        "instead sends what ended runs have not told their MLflow servers; credentials come from the environment, as",
        "with 'track.mlflow' in conf/base.conf"
      })
  private boolean send;

  @Override
  public Integer call() throws IOException {
    Configuration hadoop = new Configuration();
    List<RunsJob.Run> runs = new RunsJob(hadoop, new Path(folder)).run();
    if (send) {
      return sent(hadoop, runs) ? 0 : FailureReport.RUN_FAILED;
    }
    switch (format) {
      case TEXT -> text(runs).forEach(System.out::println);
      case CSV -> csv(runs).forEach(System.out::println);
      case JSON -> System.out.println(json(runs));
    }
    return 0;
  }

  /** Whether nothing is left. */
  private static boolean sent(Configuration hadoop, List<RunsJob.Run> runs) throws IOException {
    boolean all = true;
    int found = 0;
    for (RunsJob.Run run : runs) {
      if (!MlflowLeftovers.exist(hadoop, new Path(run.path()))) {
        continue;
      }
      found++;
      if (run.state().equals("running")) {
        System.out.printf("runs: %s still runs and sends by itself%n", run.name());
        continue;
      }
      try {
        Optional<MlflowLeftovers.Outcome> outcome =
            MlflowLeftovers.send(hadoop, new Path(run.path()), TIMEOUT);
        outcome.ifPresent(what -> System.out.printf("runs: %s: %s%n", run.name(), words(what)));
        all &= outcome.isEmpty() || outcome.get().left() == 0;
      } catch (IOException e) {
        System.out.printf("runs: %s: %s%n", run.name(), e.getMessage());
        all = false;
      }
    }
    if (found == 0) {
      System.out.println("runs: nothing waits for MLflow");
    }
    return all;
  }

  private static String words(MlflowLeftovers.Outcome outcome) {
    String words = "%,d requests sent to %s".formatted(outcome.sent(), outcome.address());
    if (outcome.refused() > 0) {
      words += ", %,d refused and forgotten".formatted(outcome.refused());
    }
    return outcome.left() == 0
        ? words
        : words + ", %,d left: %s".formatted(outcome.left(), outcome.problem());
  }

  private static List<String> text(List<RunsJob.Run> runs) {
    if (runs.isEmpty()) {
      return List.of("runs: there are none");
    }
    TextTable table =
        new TextTable(
            Align.LEFT,
            Align.LEFT,
            Align.LEFT,
            Align.LEFT,
            Align.RIGHT,
            Align.LEFT,
            Align.RIGHT,
            Align.LEFT);
    table.row("run", "recipe", "network", "data", "step", "best", "time", "state");
    for (RunsJob.Run run : runs) {
      table.row(
          run.name(),
          run.summary().recipe(),
          run.summary().model(),
          new Path("/" + run.summary().data()).getName(),
          "%,d / %,d".formatted(run.summary().step(), run.summary().totalSteps()),
          run.summary().best().isEmpty()
              ? "-"
              : String.format(
                  Locale.ROOT,
                  "%s %.4f",
                  run.summary().metric(),
                  run.summary().best().getAsDouble()),
          duration(run.summary().spent()),
          run.state());
    }
    return table.lines();
  }

  private static String duration(Duration spent) {
    return String.format(
        Locale.ROOT, "%d:%02d:%02d", spent.toHours(), spent.toMinutesPart(), spent.toSecondsPart());
  }

  private static List<String> csv(List<RunsJob.Run> runs) {
    List<String> lines = new ArrayList<>();
    lines.add("run,path,recipe,model,data,step,total_steps,metric,best,seconds,state");
    for (RunsJob.Run run : runs) {
      lines.add(
          List.of(
                  run.name(),
                  run.path(),
                  run.summary().recipe(),
                  run.summary().model(),
                  run.summary().data(),
                  Long.toString(run.summary().step()),
                  Long.toString(run.summary().totalSteps()),
                  run.summary().metric(),
                  run.summary().best().isEmpty()
                      ? ""
                      : Double.toString(run.summary().best().getAsDouble()),
                  Double.toString(seconds(run)),
                  run.state())
              .stream()
              .map(RunsCommand::cell)
              .collect(Collectors.joining(",")));
    }
    return lines;
  }

  /** RFC 4180: what could be mistaken for structure stands in quotes. */
  private static String cell(String text) {
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private static double seconds(RunsJob.Run run) {
    return run.summary().spent().toMillis() / 1000.0;
  }

  private static String json(List<RunsJob.Run> runs) throws IOException {
    JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    ArrayNode all = mapper.createArrayNode();
    for (RunsJob.Run run : runs) {
      ObjectNode node = all.addObject();
      node.put("run", run.name())
          .put("path", run.path())
          .put("recipe", run.summary().recipe())
          .put("model", run.summary().model())
          .put("data", run.summary().data())
          .put("step", run.summary().step())
          .put("total_steps", run.summary().totalSteps())
          .put("metric", run.summary().metric());
      run.summary().best().ifPresent(best -> node.put("best", best));
      node.put("seconds", seconds(run)).put("state", run.state());
    }
    return mapper.writeValueAsString(all);
  }
}
