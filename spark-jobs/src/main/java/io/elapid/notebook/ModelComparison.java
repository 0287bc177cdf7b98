package io.elapid.notebook;

import io.elapid.data.InputException;
import io.elapid.engine.NetworkCost;
import io.elapid.engine.StepBench;
import io.elapid.graph.Mode;
import io.elapid.model.Backbone;
import io.elapid.model.Models;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Size, work and speed of some networks, each at its published size of picture. */
public final class ModelComparison {
  private static final int CLASSES = 1000;
  private static final int WARM_UP = 2;

  private final List<Row> rows;

  /**
   * One network.
   *
   * @param imageSize side of the pictures in pixels
   * @param parameters counted as the papers do
   * @param multiplyAccumulates of one picture
   * @param milliseconds median time of one picture in the deploy form
   */
  public record Row(
      String name, int imageSize, long parameters, long multiplyAccumulates, double milliseconds) {
    /** The family that it belongs to. */
    public String family() {
      return name.substring(0, name.indexOf('_'));
    }

    double millionParameters() {
      return parameters / 1e6;
    }
  }

  ModelComparison(List<Row> rows) {
    this.rows = List.copyOf(rows);
  }

  static ModelComparison of(List<String> models, int batch, int threads, int runs) {
    List<Row> rows = new ArrayList<>();
    for (String name : models) {
      Backbone network = Models.byName(name);
      int side = network.imageSize();
      NetworkCost cost = NetworkCost.of(network, CLASSES, side, Mode.TRAIN);
      StepBench.Settings settings = new StepBench.Settings(network, CLASSES, side, batch, threads);
      try (StepBench bench = StepBench.inference(settings)) {
        double nanos = bench.times(WARM_UP, runs).median();
        rows.add(
            new Row(
                name, side, cost.parameters(), cost.multiplyAccumulates(), nanos / 1e6 / batch));
      }
    }
    return new ModelComparison(rows);
  }

  /** In the order asked for. */
  public List<Row> rows() {
    return rows;
  }

  /**
   * Rows of {@code network}, {@code family}, {@code input px}, {@code parameters M}, {@code MACs
   * M}, {@code ms per picture}.
   */
  public Display table() {
    List<List<Object>> cells = new ArrayList<>();
    for (Row row : rows) {
      cells.add(
          List.of(
              row.name(),
              row.family(),
              row.imageSize(),
              number(row.millionParameters()),
              number(row.multiplyAccumulates() / 1e6),
              number(row.milliseconds())));
    }
    return Display.table(
        List.of("network", "family", "input px", "parameters M", "MACs M", "ms per picture"),
        cells);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  /** Networks that no other beats in both time and size, fastest first. */
  public List<String> smallAndFast() {
    return front(Row::millionParameters).stream().map(Row::name).toList();
  }

  /** Time against size; the line joins those that no other network beats in both. */
  public Display sizePareto() {
    Plot plot = new Plot("Small and fast", "time of one picture, ms", "parameters, millions");
    return drawn(plot, Row::millionParameters, rows, front(Row::millionParameters));
  }

  /**
   * Time against an accuracy that the caller knows; the line joins those that no other network
   * beats in both.
   *
   * @param percentages such as {@code "tinyvim_s=79.2, tinyvim_b=81.2"}; networks without one are
   *     left out
   * @throws InputException if they read otherwise or name other networks
   */
  public Display accuracyPareto(String percentages) {
    return accuracyPareto("Accurate, as typed in, and fast", percentages(percentages));
  }

  /**
   * Time against the accuracy that runs have logged; the line joins those that no other network
   * beats in both. Networks without a run are left out.
   *
   * @throws InputException if no network compared has a run, or the runs have several data sets
   */
  public Display accuracyPareto(RunAccuracies measured) {
    Map<String, Double> percent = measured.comparable();
    if (rows.stream().noneMatch(row -> percent.containsKey(row.name()))) {
      throw new InputException(
          "no run has evaluated any of " + String.join(", ", names()),
          "name a folder of runs that have, or compare networks that runs were made of");
    }
    return accuracyPareto("Accurate and fast", percent);
  }

  private Display accuracyPareto(String title, Map<String, Double> percent) {
    List<Row> known = rows.stream().filter(row -> percent.containsKey(row.name())).toList();
    Plot plot = new Plot(title, "time of one picture, ms", "accuracy, percent");
    List<Row> best = new ModelComparison(known).front(row -> -percent.get(row.name()));
    return drawn(plot, row -> percent.get(row.name()), known, best);
  }

  private Map<String, Double> percentages(String text) {
    Map<String, Double> percent = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      String[] words = part.strip().split("=", -1);
      String name = words[0].strip();
      try {
        percent.put(name, new BigDecimal(words[1].strip()).doubleValue());
      } catch (IndexOutOfBoundsException | NumberFormatException e) {
        throw new InputException(
            "'%s' is no accuracy".formatted(part.strip()), "write name=percent, name=percent", e);
      }
      if (rows.stream().noneMatch(row -> row.name().equals(name))) {
        throw new InputException(
            "'%s' is not among the networks compared".formatted(name),
            "name one of " + String.join(", ", names()));
      }
    }
    return percent;
  }

  private List<String> names() {
    return rows.stream().map(Row::name).toList();
  }

  private static Display drawn(Plot plot, Measure measure, List<Row> shown, List<Row> best) {
    shown.forEach(row -> plot.point(row.name(), row.family(), row.milliseconds(), measure.of(row)));
    plot.curve(
        "Pareto front",
        best.stream().mapToDouble(Row::milliseconds).toArray(),
        best.stream().mapToDouble(measure::of).toArray());
    return Display.html(plot.svg());
  }

  /** Something of a network that should be small. */
  private interface Measure {
    double of(Row row);
  }

  private List<Row> front(Measure measure) {
    List<Row> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparingDouble(Row::milliseconds).thenComparingDouble(measure::of));
    List<Row> front = new ArrayList<>();
    double best = Double.POSITIVE_INFINITY;
    for (Row row : sorted) {
      if (measure.of(row) < best) {
        best = measure.of(row);
        front.add(row);
      }
    }
    return front;
  }
}
