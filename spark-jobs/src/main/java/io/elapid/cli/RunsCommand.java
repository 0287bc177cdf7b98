package io.elapid.cli;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.elapid.cli.TextTable.Align;
import io.elapid.job.RunsJob;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
      "sign of life. Needs no cluster."
    },
    footer = {
      "",
      "Examples: elapid runs hdfs:///runs",
      "          elapid runs runs/ --format csv > runs.csv"
    })
final class RunsCommand implements Callable<Integer> {
  /** Forms of the listing. */
  enum Format {
    TEXT,
    CSV,
    JSON
  }

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

  @Override
  public Integer call() throws IOException {
    List<RunsJob.Run> runs = new RunsJob(new Configuration(), new Path(folder)).run();
    switch (format) {
      case TEXT -> text(runs).forEach(System.out::println);
      case CSV -> csv(runs).forEach(System.out::println);
      case JSON -> System.out.println(json(runs));
    }
    return 0;
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
