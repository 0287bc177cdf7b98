package io.elapid.export;

import java.util.List;

/**
 * States {@code h_t = a_t h_(t-1) + p_t} from {@code h_(-1) = 0}, for all t, by halving; see the
 * package. All values are (B, K, L, W).
 *
 * @param width W
 */
record Recurrence(OnnxGraph graph, long directions, long width) {
  private static final int STEPS = 2;

  /**
   * Adds the operators.
   *
   * @param a decays
   * @param p inputs
   * @param length L
   * @return h
   */
  String solved(String a, String p, long length) {
    if (length == 1) {
      return p;
    }
    long pairs = length / 2;
    long evens = length - pairs;
    String evenA = graph.slice(a, STEPS, 0, length, 2);
    String evenP = graph.slice(p, STEPS, 0, length, 2);
    String oddA = graph.slice(a, STEPS, 1, length, 2);
    String oddP = graph.slice(p, STEPS, 1, length, 2);
    String pairP = graph.add(graph.multiply(oddA, first(evenP, evens, pairs)), oddP);
    // a lone pair's decay would multiply the state before everything, which is zero
    String pairA = pairs == 1 ? oddA : graph.multiply(oddA, first(evenA, evens, pairs));
    String oddH = solved(pairA, pairP, pairs);
    String evenH = evenP;
    if (evens > 1) {
      String before = graph.pad(first(oddH, pairs, evens - 1), 0, 0, 1, 0, 0, 0, 0, 0);
      evenH = graph.add(graph.multiply(evenA, before), evenP);
    }
    return woven(evenH, oddH, length);
  }

  /** The first {@code count} of {@code length} steps. */
  private String first(String x, long length, long count) {
    return count == length ? x : graph.slice(x, STEPS, 0, count, 1);
  }

  /** Even and odd steps in turns. */
  private String woven(String even, String odd, long length) {
    long evens = length - length / 2;
    boolean oneLess = length % 2 == 1;
    String second = oneLess ? graph.pad(odd, 0, 0, 0, 0, 0, 0, 1, 0) : odd;
    List<String> apart = List.of(apart(even, evens), apart(second, evens));
    String both = graph.reshape(graph.concatenate(3, apart), 0, directions, 2 * evens, width);
    return first(both, 2 * evens, length);
  }

  private String apart(String x, long length) {
    return graph.reshape(x, 0, directions, length, 1, width);
  }
}
