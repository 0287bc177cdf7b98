package io.elapid.cli;

import java.util.Collections;
import java.util.List;

/** What repeated measurements of one thing came to. */
record Spread(double least, double median, double most) {
  static Spread of(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return new Spread(
        Collections.min(sorted), sorted.get(sorted.size() / 2), Collections.max(sorted));
  }
}
