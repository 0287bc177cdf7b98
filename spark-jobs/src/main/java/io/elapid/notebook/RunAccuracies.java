package io.elapid.notebook;

import io.elapid.data.InputException;
import io.elapid.job.RunsJob;
import io.elapid.model.Models;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** How many validation pictures classifiers recognised, as their runs have logged it. */
public final class RunAccuracies {
  private static final String METRIC = "top1";

  private final Map<String, Row> best;

  /**
   * The best run of a network.
   *
   * @param run folder of the run, from the one that was named
   * @param data the data set
   * @param percent of the validation pictures whose class was found, in the best evaluation
   */
  private record Row(String network, String run, String data, double percent) {}

  private RunAccuracies(Collection<Row> rows) {
    this.best = new LinkedHashMap<>();
    rows.forEach(
        row -> best.merge(row.network(), row, (a, b) -> b.percent() > a.percent() ? b : a));
  }

  /**
   * Looks through the runs below a folder; there may be none.
   *
   * @throws InputException if there is no such folder
   */
  static RunAccuracies of(Configuration hadoop, String folder) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (RunsJob.Run run : new RunsJob(hadoop, new Path(folder)).run()) {
      String network = run.summary().model();
      if (run.summary().metric().equals(METRIC)
          && run.summary().best().isPresent()
          && Models.names().contains(network)) {
        double percent = 100 * run.summary().best().getAsDouble();
        rows.add(new Row(network, run.name(), run.summary().data(), percent));
      }
    }
    return new RunAccuracies(rows);
  }

  /** Networks that a run has evaluated. */
  public List<String> networks() {
    return List.copyOf(best.keySet());
  }

  /** Rows of {@code network}, {@code top-1 %}, {@code run} and {@code data}. */
  public Display table() {
    List<List<Object>> rows = new ArrayList<>();
    best.values()
        .forEach(
            row ->
                rows.add(
                    List.of(
                        row.network(),
                        String.format(Locale.ROOT, "%.2f", row.percent()),
                        row.run(),
                        row.data())));
    return Display.table(List.of("network", "top-1 %", "run", "data"), rows);
  }

  /**
   * Percentages by network.
   *
   * @throws InputException if they were not measured on one and the same data set
   */
  Map<String, Double> comparable() {
    Set<String> data = new TreeSet<>();
    best.values().forEach(row -> data.add(row.data()));
    if (data.size() > 1) {
      throw new InputException(
          "these runs were evaluated on different data sets: " + String.join(", ", data),
          "name a folder whose runs share one");
    }
    Map<String, Double> percent = new LinkedHashMap<>();
    best.values().forEach(row -> percent.put(row.network(), row.percent()));
    return percent;
  }
}
