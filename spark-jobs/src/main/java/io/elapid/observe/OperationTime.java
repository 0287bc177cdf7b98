package io.elapid.observe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Time that all operations of a kind take.
 *
 * @param kind of operation
 * @param calls in one rank's step, on average
 * @param millis of one rank's step, on average
 * @param share of the step, in [0, 1]
 */
public record OperationTime(String kind, double calls, double millis, double share) {

  /** From a trace of some steps; most expensive first, empty if there is no whole step in it. */
  public static List<OperationTime> of(String trace) {
    Map<String, double[]> sums = new LinkedHashMap<>();
    int steps = 0;
    double total = 0;
    for (JsonNode event : ChromeTrace.events(trace)) {
      double micros = event.path("dur").asDouble();
      switch (event.path("cat").asText()) {
        case ChromeTrace.STEP -> {
          steps++;
          total += micros;
        }
        case ChromeTrace.OPERATION -> {
          double[] sum = sums.computeIfAbsent(event.path("name").asText(), kind -> new double[2]);
          sum[0]++;
          sum[1] += micros;
        }
        default -> {
          // names of tracks
        }
      }
    }
    return steps == 0 ? List.of() : rows(sums, steps, total);
  }

  private static List<OperationTime> rows(Map<String, double[]> sums, int steps, double total) {
    List<OperationTime> rows = new ArrayList<>();
    sums.forEach((kind, sum) -> rows.add(row(kind, sum[0], sum[1], steps, total)));
    rows.sort(Comparator.comparingDouble(OperationTime::millis).reversed());
    return List.copyOf(rows);
  }

  private static OperationTime row(
      String kind, double calls, double micros, int steps, double total) {
    return new OperationTime(kind, calls / steps, micros / 1e3 / steps, micros / total);
  }
}
