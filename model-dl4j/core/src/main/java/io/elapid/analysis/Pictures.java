package io.elapid.analysis;

/**
 * Pictures as a network takes them.
 *
 * @param values (count, 3, height, width), normalised, row by row; not to be changed
 */
public record Pictures(int count, int height, int width, float[] values) {
  private static final int CHANNELS = 3;

  public Pictures {
    if (count < 1 || values.length != (long) count * CHANNELS * height * width) {
      throw new IllegalArgumentException(
          "%d values for %d pictures of %d x %d".formatted(values.length, count, width, height));
    }
  }

  /** (count, 3, height, width). */
  long[] shape() {
    return new long[] {count, CHANNELS, height, width};
  }

  /** Number of values of one picture. */
  int valuesEach() {
    return CHANNELS * height * width;
  }

  /** One of them alone. */
  Pictures only(int index) {
    float[] one = new float[valuesEach()];
    System.arraycopy(values, index * one.length, one, 0, one.length);
    return new Pictures(1, height, width, one);
  }
}
