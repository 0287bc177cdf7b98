package io.elapid.engine;

import io.elapid.graph.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Neighbouring elements of a flat vector.
 *
 * @param from first element
 * @param length number of elements
 */
record Stretch(long from, long length) {

  /**
   * The running statistics that training moves, counted from the first buffer: all but those of
   * frozen batch norms.
   */
  static List<Stretch> ofStatistics(Blueprint blueprint) {
    Set<String> moving = blueprint.scope().batchStatistics().keySet();
    List<Stretch> stretches = new ArrayList<>();
    for (Slot slot : blueprint.table().buffers()) {
      if (moving.contains(slot.name())) {
        long from = slot.offset() - blueprint.table().parameterLength();
        int last = stretches.size() - 1;
        if (last >= 0 && stretches.get(last).end() == from) {
          stretches.set(last, stretches.get(last).longerBy(slot.length()));
        } else {
          stretches.add(new Stretch(from, slot.length()));
        }
      }
    }
    return stretches;
  }

  private long end() {
    return from + length;
  }

  private Stretch longerBy(long elements) {
    return new Stretch(from, length + elements);
  }
}
