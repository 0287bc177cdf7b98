package io.elapid.kernel;

/**
 * Where a pixel of a map enlarged by a whole factor lies between the pixels of the small map, along
 * one dimension: at {@code (1 - weight) low[before] + weight low[after]}.
 */
public record Interpolation(int before, int after, double weight) {
  /** For pixel {@code index} of {@code factor * length}. */
  public static Interpolation at(int index, int factor, int length) {
    double source = Math.max(0, (index + 0.5) / factor - 0.5);
    int before = Math.min((int) source, length - 1);
    return new Interpolation(before, Math.min(before + 1, length - 1), source - before);
  }
}
