package io.elapid.kernel;

/**
 * The bins of a region along one dimension of a map, in pixels of the map.
 *
 * @param start of the first bin
 * @param bin length of a bin
 * @param grid samples in a bin
 */
public record RoiSpan(double start, double bin, int grid) {
  /** Where a sample of a bin lies. */
  public double sample(int index, int number) {
    return start + index * bin + (number + 0.5) * bin / grid;
  }

  /** Whether samples at {@code position} of a map of that length count; the others are zero. */
  public static boolean isInside(double position, int length) {
    return position >= -1 && position <= length;
  }

  /** Where a position inside lies between the pixels of a map of that length. */
  public static Interpolation between(double position, int length) {
    double inside = Math.max(0, position);
    int before = (int) inside;
    if (before >= length - 1) {
      return new Interpolation(length - 1, length - 1, 0);
    }
    return new Interpolation(before, before + 1, inside - before);
  }
}
