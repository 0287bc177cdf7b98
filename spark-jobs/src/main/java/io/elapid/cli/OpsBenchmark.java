package io.elapid.cli;

import io.elapid.benchmark.DenseOperation;
import io.elapid.benchmark.MapOperation;
import io.elapid.benchmark.ScanOperation;
import io.elapid.benchmark.ScanShape;
import io.elapid.benchmark.Work;
import io.elapid.cli.TextTable.Align;
import java.io.PrintStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Times the state-space kernels, those that move pixels of maps and those of detectors and
 * segmenters with JMH, each in a JVM of its own, and sets them against the reference and the floor
 * that the machine's speeds, measured in the same run, set. The best of many calls counts on both
 * sides, which other load on the machine changes least.
 */
final class OpsBenchmark {
  /** Whether the reference is timed, which takes most of the time. */
  enum Reference {
    TIMED,
    SKIPPED
  }

  /** How long everything is timed for. */
  enum Effort {
    /** Until the best of the calls is what the machine can do. */
    WHOLE,
    /** For moments: everything runs, how fast is left open. */
    ROUGH
  }

  private record Key(ScanShape shape, String method) {}

  private final int batch;
  private final int threads;
  private final List<ScanShape> shapes;
  private final Reference reference;
  private final Effort effort;

  OpsBenchmark(int batch, int threads, List<ScanShape> shapes, Reference reference, Effort effort) {
    this.batch = batch;
    this.threads = threads;
    this.shapes = shapes;
    this.reference = reference;
    this.effort = effort;
  }

  void run(PrintStream out) throws RunnerException {
    Work.Speeds speeds = speeds();
    out.printf(
        Locale.ROOT,
        "%n%d threads: copying %.1f GB/s, %.2f G exponentials/s, %.1f G multiply-adds/s%n",
        threads,
        speeds.bytes(),
        speeds.exponentials(),
        speeds.products());
    Map<Key, Double> vector = kernels("VECTOR", Mode.SampleTime, 4, 4);
    Map<Key, Double> plain =
        reference == Reference.TIMED ? kernels("REFERENCE", Mode.SingleShotTime, 1, 1) : Map.of();
    out.printf("%nBatch %d, %d threads; the reference has one. Times in ms.%n", batch, threads);
    table(speeds, vector, plain).lines().forEach(out::println);
    out.println();
    operations("maps", "MapBenchmark", floors(speeds), Map.of("batch", Integer.toString(batch)))
        .lines()
        .forEach(out::println);
    if (shapes.size() == ScanShape.values().length) {
      out.printf("%nDetectors and segmenters, one picture a time.%n");
      operations("dense", "DenseBenchmark", denseFloors(speeds), Map.of())
          .lines()
          .forEach(out::println);
    }
  }

  private Map<String, Double> floors(Work.Speeds speeds) {
    Map<String, Double> floors = new LinkedHashMap<>();
    for (MapOperation operation : MapOperation.values()) {
      floors.put(operation.name(), operation.floor(batch, speeds));
    }
    return floors;
  }

  private static Map<String, Double> denseFloors(Work.Speeds speeds) {
    Map<String, Double> floors = new LinkedHashMap<>();
    for (DenseOperation operation : DenseOperation.values()) {
      floors.put(operation.name(), operation.floor(speeds));
    }
    return floors;
  }

  private TextTable operations(
      String title, String benchmark, Map<String, Double> floors, Map<String, String> parameters)
      throws RunnerException {
    Map<String, Double> vector = times(benchmark, parameters, "VECTOR", Mode.SampleTime, 3);
    Map<String, Double> plain =
        reference == Reference.TIMED
            ? times(benchmark, parameters, "REFERENCE", Mode.SingleShotTime, 1)
            : Map.of();
    TextTable table =
        new TextTable(Align.LEFT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT, Align.RIGHT);
    table.row(title, "time", "floor", "x floor", "reference", "x faster");
    for (Map.Entry<String, Double> operation : floors.entrySet()) {
      double time = vector.get(operation.getKey());
      double floor = operation.getValue();
      double slow = plain.getOrDefault(operation.getKey(), Double.NaN);
      table.row(
          operation.getKey(),
          number("%.3f", time / 1e6),
          number("%.3f", floor / 1e6),
          number("%.2f", time / floor),
          number("%.1f", slow / 1e6),
          number("%.0f", slow / time));
    }
    return table;
  }

  private Map<String, Double> times(
      String benchmark, Map<String, String> parameters, String kernels, Mode mode, int iterations)
      throws RunnerException {
    ChainedOptionsBuilder options =
        common("io.elapid.*" + benchmark, iterations, iterations)
            .mode(mode)
            .param("kernels", kernels)
            .param("workers", Integer.toString(threads));
    parameters.forEach(options::param);
    Map<String, Double> found = new HashMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      double best = result.getPrimaryResult().getStatistics().getMin();
      found.put(result.getParams().getParam("operation"), best);
    }
    return found;
  }

  private Work.Speeds speeds() throws RunnerException {
    ChainedOptionsBuilder options =
        common("io.elapid.*SpeedBenchmark", 5, 10)
            .mode(Mode.SampleTime)
            .param("workers", Integer.toString(threads));
    Map<String, Double> found = new HashMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      found.put(method(result), result.getPrimaryResult().getStatistics().getMin());
    }
    return Work.Speeds.ofTimes(found.get("copy"), found.get("exponentials"), found.get("products"));
  }

  private Map<Key, Double> kernels(String kernels, Mode mode, int warmups, int measurements)
      throws RunnerException {
    ChainedOptionsBuilder options =
        common("io.elapid.*ScanBenchmark", warmups, measurements)
            .mode(mode)
            .param("kernels", kernels)
            .param("batch", Integer.toString(batch))
            .param("workers", Integer.toString(threads))
            .param("shape", shapes.stream().map(Enum::name).toArray(String[]::new));
    return times(new Runner(options.build()).run());
  }

  private ChainedOptionsBuilder common(String include, int warmups, int measurements) {
    ChainedOptionsBuilder options = new OptionsBuilder().include(include).shouldFailOnError(true);
    return switch (effort) {
      case WHOLE ->
          options
              .forks(1)
              .warmupTime(TimeValue.milliseconds(500))
              .measurementTime(TimeValue.milliseconds(300))
              .warmupIterations(warmups)
              .measurementIterations(measurements);
      case ROUGH ->
          options
              .forks(0)
              .measurementTime(TimeValue.milliseconds(20))
              .warmupIterations(0)
              .measurementIterations(1);
    };
  }

  private static Map<Key, Double> times(Collection<RunResult> results) {
    Map<Key, Double> times = new HashMap<>();
    for (RunResult result : results) {
      ScanShape shape = ScanShape.valueOf(result.getParams().getParam("shape"));
      times.put(new Key(shape, method(result)), result.getPrimaryResult().getStatistics().getMin());
    }
    return times;
  }

  private static String method(RunResult result) {
    String name = result.getParams().getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private TextTable table(Work.Speeds speeds, Map<Key, Double> vector, Map<Key, Double> plain) {
    TextTable table =
        new TextTable(
            Align.LEFT,
            Align.LEFT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT,
            Align.RIGHT);
    table.row("shape", "pass", "time", "floor", "x floor", "reference", "x faster");
    for (ScanShape shape : shapes) {
      Work scan = shape.work(ScanOperation.SCAN, batch);
      Work back = shape.work(ScanOperation.SCAN_GRADIENT, batch);
      Work project = shape.work(ScanOperation.PROJECTION, batch);
      Work projectBack = shape.work(ScanOperation.PROJECTION_GRADIENT, batch);
      add(table, shape, "scan", scan.floor(speeds), vector, plain, "scan");
      double both = scan.floor(speeds) + back.floor(speeds);
      add(table, shape, "scan and back", both, vector, plain, "scan", "scanGradient");
      add(table, shape, "projection", project.floor(speeds), vector, plain, "projection");
      both = project.floor(speeds) + projectBack.floor(speeds);
      add(
          table,
          shape,
          "projection and back",
          both,
          vector,
          plain,
          "projection",
          "projectionGradient");
    }
    return table;
  }

  private static void add(
      TextTable table,
      ScanShape shape,
      String pass,
      double floor,
      Map<Key, Double> vector,
      Map<Key, Double> plain,
      String... methods) {
    double time = sum(vector, shape, methods);
    double slow = sum(plain, shape, methods);
    table.row(
        shape.name(),
        pass,
        number("%.3f", time / 1e6),
        number("%.3f", floor / 1e6),
        number("%.2f", time / floor),
        number("%.1f", slow / 1e6),
        number("%.0f", slow / time));
  }

  private static double sum(Map<Key, Double> times, ScanShape shape, String... methods) {
    double sum = 0;
    for (String method : methods) {
      sum += times.getOrDefault(new Key(shape, method), Double.NaN);
    }
    return sum;
  }

  private static String number(String format, double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
  }
}
