package io.elapid.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Where intermediate results lie in one arena so that those alive at the same time never overlap.
 *
 * @param offsets first element per span, in the order given
 * @param length elements that the arena must hold
 */
record ArenaPlan(long[] offsets, long length) {

  /**
   * A result's size and life.
   *
   * @param size elements
   * @param first step that writes it
   * @param last last step that reads it, at least {@code first}
   */
  record Span(long size, int first, int last) {
    private boolean livesWith(Span other) {
      return first <= other.last && other.first <= last;
    }
  }

  private record Placed(Span span, long offset, long end) {}

  /**
   * Largest first, each into the smallest gap that holds it (greedy best fit).
   *
   * @param alignment every offset is a multiple of it
   */
  static ArenaPlan of(List<Span> spans, long alignment) {
    long[] offsets = new long[spans.size()];
    List<Placed> placed = new ArrayList<>();
    long length = 0;
    for (int index : largestFirst(spans)) {
      Span span = spans.get(index);
      long size = roundUp(span.size(), alignment);
      offsets[index] = bestGap(span, size, placed);
      long end = offsets[index] + size;
      placed.add(new Placed(span, offsets[index], end));
      length = Math.max(length, end);
    }
    return new ArenaPlan(offsets, length);
  }

  private static Integer[] largestFirst(List<Span> spans) {
    Integer[] order = new Integer[spans.size()];
    Arrays.setAll(order, i -> i);
    Comparator<Integer> bySize = Comparator.comparingLong(i -> -spans.get(i).size());
    Arrays.sort(order, bySize.thenComparingInt(i -> spans.get(i).first()).thenComparingInt(i -> i));
    return order;
  }

  private static long bestGap(Span span, long size, List<Placed> placed) {
    List<Placed> neighbours =
        placed.stream()
            .filter(other -> other.span().livesWith(span))
            .sorted(Comparator.comparingLong(Placed::offset))
            .toList();
    long best = -1;
    long bestSize = Long.MAX_VALUE;
    long free = 0;
    for (Placed neighbour : neighbours) {
      long gap = neighbour.offset() - free;
      if (gap >= size && gap < bestSize) {
        best = free;
        bestSize = gap;
      }
      free = Math.max(free, neighbour.end());
    }
    return best >= 0 ? best : free;
  }

  private static long roundUp(long value, long alignment) {
    return (value + alignment - 1) / alignment * alignment;
  }
}
