package io.elapid.export;

import io.elapid.kernel.ScanGeometry;
import io.elapid.kernel.ScanOrder;
import io.elapid.kernel.StepRule;
import java.util.Arrays;
import java.util.List;

/** Selective scans without loops. */
final class Scans {
  private Scans() {}

  /** {@code (x, xProj, dtWeight)} to delta, b, c and the low-rank steps. */
  static List<String> projection(Call call) {
    OnnxGraph graph = call.graph();
    long directions = call.size(1, 0);
    long rank = call.size(2, 2);
    long states = call.attribute(1);
    ScanGeometry geometry = geometry(call, directions, call.size(1, 2), states);
    String projected =
        graph.product(sequences(call, geometry), graph.transpose(call.in(1), 0, 2, 1));
    List<String> parts = graph.split(projected, 3, rank, states, states);
    String delta = graph.product(parts.get(0), graph.transpose(call.in(2), 0, 2, 1));
    return List.of(delta, parts.get(1), parts.get(2), parts.get(0));
  }

  /** {@code (u, delta, b, c, aLog, [skip], [bias])} to y. */
  static List<String> scan(Call call) {
    OnnxGraph graph = call.graph();
    ScanGeometry g = geometry(call, call.size(1, 1), call.size(1, 3), call.size(2, 3));
    long k = g.directions();
    long l = g.steps();
    long n = g.states();
    long d = g.channels();
    String u = sequences(call, g);
    String dt = steps(call, g);
    String decays =
        graph.node("Exp", List.of(graph.multiply(call.withSizes(dt, k, l, 1, d), rates(call, g))));
    String inputs = call.withSizes(graph.multiply(dt, u), k, l, 1, d);
    String pushes = graph.multiply(inputs, call.withSizes(call.in(2), k, l, n, 1));
    Recurrence recurrence = new Recurrence(graph, k, n * d);
    String h =
        recurrence.solved(
            call.withSizes(decays, k, l, n * d), call.withSizes(pushes, k, l, n * d), l);
    String c = call.withSizes(call.in(3), k, l, 1, n);
    String y = call.withSizes(graph.product(c, call.withSizes(h, k, l, n, d)), k, l, d);
    if (call.attribute(2) == 1) {
      y = graph.add(y, graph.multiply(u, graph.reshape(call.in(5), 1, k, 1, d)));
    }
    return List.of(onMap(call, g, y));
  }

  /** {@code -exp(aLog)} as (1, K, 1, N, D). */
  private static String rates(Call call, ScanGeometry g) {
    OnnxGraph graph = call.graph();
    String rates = graph.node("Neg", List.of(graph.node("Exp", List.of(call.in(4)))));
    String byDirection = graph.reshape(rates, g.directions(), g.channels(), g.states());
    String statesFirst = graph.transpose(byDirection, 0, 2, 1);
    return graph.reshape(statesFirst, 1, g.directions(), 1, g.states(), g.channels());
  }

  /** (B, K, L, D). */
  private static String steps(Call call, ScanGeometry g) {
    OnnxGraph graph = call.graph();
    String delta = call.in(1);
    if (call.attribute(3) == 1) {
      delta = graph.add(delta, graph.reshape(call.last(), 1, g.directions(), 1, g.channels()));
    }
    boolean softplus = StepRule.ofCode(call.attribute(1)) == StepRule.SOFTPLUS;
    return softplus ? graph.node("Softplus", List.of(delta)) : delta;
  }

  private static ScanGeometry geometry(Call call, long directions, long channels, long states) {
    ScanOrder order = ScanOrder.ofCode(call.attribute(0));
    long[] map = call.shape(0);
    return new ScanGeometry(
        order,
        1,
        Math.toIntExact(directions),
        Math.toIntExact(channels),
        order == ScanOrder.SEQUENTIAL ? 1 : Math.toIntExact(map[2]),
        Math.toIntExact(map[map.length - 1]),
        Math.toIntExact(states));
  }

  /** The first input in the order of each direction: (B, K, L, D). */
  private static String sequences(Call call, ScanGeometry g) {
    OnnxGraph graph = call.graph();
    if (g.order() == ScanOrder.SEQUENTIAL) {
      String apart = call.withSizes(call.in(0), g.directions(), g.channels(), g.steps());
      return graph.transpose(apart, 0, 1, 3, 2);
    }
    int[] table = g.positionTable();
    String pixels =
        graph.transpose(call.withSizes(call.in(0), g.channels(), g.positions()), 0, 2, 1);
    boolean padded = Arrays.stream(table).anyMatch(p -> p == ScanOrder.PADDING);
    String source = padded ? graph.pad(pixels, 0, 0, 0, 0, 1, 0) : pixels;
    long[] indices =
        Arrays.stream(table).mapToLong(p -> p == ScanOrder.PADDING ? g.positions() : p).toArray();
    return graph.gather(source, graph.table(new long[] {g.directions(), g.steps()}, indices), 1);
  }

  /** The sum over directions, every step at the position that it read: (B, K, L, D) to a map. */
  private static String onMap(Call call, ScanGeometry g, String y) {
    OnnxGraph graph = call.graph();
    if (g.order() == ScanOrder.SEQUENTIAL) {
      String channelsFirst = graph.transpose(y, 0, 1, 3, 2);
      return call.withSizes(channelsFirst, (long) g.directions() * g.channels(), g.steps());
    }
    String rows = call.withSizes(y, (long) g.directions() * g.steps(), g.channels());
    String sum = null;
    for (long[] readers : readers(g)) {
      String one = graph.gather(rows, graph.integers(readers), 1);
      sum = sum == null ? one : graph.add(sum, one);
    }
    return call.withSizes(graph.transpose(sum, 0, 2, 1), g.channels(), g.height(), g.width());
  }

  /**
   * For every position the steps, of all directions one after the other, that read it: as many
   * lists as each position has readers.
   */
  private static long[][] readers(ScanGeometry g) {
    int[] table = g.positionTable();
    int each = (int) Arrays.stream(table).filter(p -> p == 0).count();
    long[][] readers = new long[each][g.positions()];
    int[] found = new int[g.positions()];
    for (int step = 0; step < table.length; step++) {
      int position = table[step];
      if (position != ScanOrder.PADDING) {
        readers[found[position]++][position] = step;
      }
    }
    return readers;
  }
}
