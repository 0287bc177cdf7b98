package io.elapid.cli;

import java.util.List;

/** What repeated measurements of one thing came to. */
record Spread(double least, double median, double most) {
  static Spread of(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int last = sorted.size() - 1;
    return new Spread(sorted.get(0), sorted.get(sorted.size() / 2), sorted.get(last));
  }
}
