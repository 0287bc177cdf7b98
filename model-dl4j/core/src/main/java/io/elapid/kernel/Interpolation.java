package io.elapid.kernel;

/**
 * Where a pixel of a resized map lies between the pixels of the original, along one dimension: at
 * {@code (1 - weight) low[before] + weight low[after]}.
 */
public record Interpolation(int before, int after, double weight) {
  /**
   * For pixel {@code index} of {@code to} made from {@code from}: at {@code (index + 0.5) from / to
   * - 0.5}, not below 0 nor above the last.
   */
  public static Interpolation at(int index, int to, int from) {
    double source = Math.max(0, (index + 0.5) * from / to - 0.5);
    int before = Math.min((int) source, from - 1);
    return new Interpolation(before, Math.min(before + 1, from - 1), source - before);
  }
}
