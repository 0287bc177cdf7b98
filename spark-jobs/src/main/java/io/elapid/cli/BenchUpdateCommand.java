package io.elapid.cli;

import io.elapid.benchmark.Work;
import io.elapid.cli.TextTable.Align;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "update",
    mixinStandardHelpOptions = true,
    description = {
      "Times the passes of a training step over its parameters with JMH: AdamW with the moving",
      "average in one sweep, and the norm of the gradients.",
      "The floor is the bytes that a pass reads and writes at the speed of copying memory. The"
          + " best",
      "of many calls counts."
    },
    footer = {"", "Example: elapid bench update --parameters 15000000"})
final class BenchUpdateCommand implements Callable<Integer> {
  private static final int MOST_PARAMETERS = 200_000_000;

  /** Vectors that a pass reads or writes. */
  private static final Map<String, Integer> VECTORS = Map.of("adamW", 9, "squares", 1);

  @Option(
      names = "--parameters",
      paramLabel = "N",
      defaultValue = "6000000",
      description = "of the network (default: ${DEFAULT-VALUE})")
  private int parameters;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "threads of one call (default: ${DEFAULT-VALUE})")
  private int threads;

  @Override
  public Integer call() throws Exception {
    Limits.require("--parameters", parameters, 1, MOST_PARAMETERS);
    Limits.require("--threads", threads, 1, Limits.THREADS);
    double copied = 2.0 * Work.Speeds.COPIED / best("io.elapid.*SpeedBenchmark.copy").get("copy");
    Map<String, Double> times =
        best("io.elapid.*UpdateBenchmark", "parameters", Integer.toString(parameters));
    System.out.printf(
        Locale.ROOT,
        "%n%,d parameters, %d threads; copying %.1f GB/s%n",
        parameters,
        threads,
        copied);
    TextTable table = new TextTable(Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT);
    table.row("pass", "ms", "GB/s", "floor ms", "x floor");
    for (String pass : List.of("adamW", "squares")) {
      double bytes = (double) VECTORS.get(pass) * Float.BYTES * parameters;
      double nanos = times.get(pass);
      table.row(
          pass,
          number(nanos / 1e6),
          number(bytes / nanos),
          number(bytes / copied / 1e6),
          number(nanos * copied / bytes));
    }
    table.lines().forEach(System.out::println);
    return 0;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** Nanoseconds of the fastest call, by name of the benchmark's method. */
  private Map<String, Double> best(String include, String... parameter) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(include)
            .param("workers", Integer.toString(threads))
            .forks(1)
            .shouldFailOnError(true)
            .warmupTime(TimeValue.milliseconds(300))
            .measurementTime(TimeValue.milliseconds(300))
            .warmupIterations(5)
            .measurementIterations(5);
    for (int i = 0; i < parameter.length; i += 2) {
      options.param(parameter[i], parameter[i + 1]);
    }
    Map<String, Double> best = new HashMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      String name = result.getParams().getBenchmark();
      best.put(
          name.substring(name.lastIndexOf('.') + 1),
          result.getPrimaryResult().getStatistics().getMin());
    }
    return best;
  }
}
