package io.elapid.engine;

import io.elapid.graph.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Neighbouring running statistics in the vector of all of them.
 *
 * @param from first element
 * @param length number of elements
 * @param kept share of the old value that a step leaves
 */
record Stretch(long from, long length, double kept) {

  /**
   * The running statistics that training moves, counted from the first buffer: all but those of
   * frozen batch norms.
   */
  static List<Stretch> ofStatistics(Blueprint blueprint) {
    Set<String> moving = blueprint.scope().batchStatistics().keySet();
    List<Stretch> stretches = new ArrayList<>();
    for (Slot slot : blueprint.table().buffers()) {
      if (moving.contains(slot.name())) {
        double kept = 1 - blueprint.scope().momentum(slot.name());
        long from = slot.offset() - blueprint.table().parameterLength();
        int last = stretches.size() - 1;
        if (last >= 0 && stretches.get(last).goesOn(from, kept)) {
          stretches.set(last, stretches.get(last).longerBy(slot.length()));
        } else {
          stretches.add(new Stretch(from, slot.length(), kept));
        }
      }
    }
    return stretches;
  }

  private boolean goesOn(long next, double keptThere) {
    return from + length == next && kept == keptThere;
  }

  private Stretch longerBy(long elements) {
    return new Stretch(from, length + elements, kept);
  }
}
