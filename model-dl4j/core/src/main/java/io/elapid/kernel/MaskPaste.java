package io.elapid.kernel;

/**
 * A predicted mask put where its box is in a picture: the centre of pixel x lies at {@code (x + 0.5
 * - x1) / (x2 - x1) size - 0.5} of the prediction, which is interpolated bilinearly and zero
 * outside; rows likewise.
 *
 * @param prediction probabilities, {@code size x size}
 * @param box in pixels of the picture; its number does not matter
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record MaskPaste(float[] prediction, int size, Roi box) {
  /** Checks the size. */
  public MaskPaste {
    if (prediction.length != size * size) {
      throw new IllegalArgumentException(
          "%d predictions for %d x %d".formatted(prediction.length, size, size));
    }
  }

  /** Takes the values of a row of the picture, from {@code begin} to {@code end}. */
  @FunctionalInterface
  private interface Line {
    void take(int y, double[] values, int begin, int end);
  }

  /** Where the pixels of a picture lie in the prediction, along one dimension. */
  private record Axis(double from, double to, int size, int length) {
    double at(int pixel) {
      return (pixel + 0.5 - from) / (to - from) * size - 0.5;
    }

    /** The first pixel that is not wholly outside. */
    int begin() {
      return isEmpty() ? 0 : bound(Math.floor(from - (to - from) / size) - 1);
    }

    int end() {
      return isEmpty() ? 0 : bound(Math.ceil(to + (to - from) / size) + 1);
    }

    private boolean isEmpty() {
      return !(to > from);
    }

    private int bound(double pixel) {
      return (int) Math.max(0, Math.min(length, pixel));
    }
  }

  /** The values of all pixels of a picture. */
  public float[] values(int width, int height) {
    float[] all = new float[Math.multiplyExact(width, height)];
    lines(
        width,
        height,
        (y, values, begin, end) -> {
          for (int x = begin; x < end; x++) {
            all[y * width + x] = (float) values[x];
          }
        });
    return all;
  }

  /**
   * 1 for the pixels of a picture with a value of at least {@code threshold}, which is positive,
   * and 0 for the others, {@code height x width}.
   */
  public byte[] mask(int width, int height, double threshold) {
    byte[] all = new byte[Math.multiplyExact(width, height)];
    lines(
        width,
        height,
        (y, values, begin, end) -> {
          for (int x = begin; x < end; x++) {
            all[y * width + x] = (byte) (values[x] >= threshold ? 1 : 0);
          }
        });
    return all;
  }

  private void lines(int width, int height, Line line) {
    Axis rows = new Axis(box.y1(), box.y2(), size, height);
    Axis columns = new Axis(box.x1(), box.x2(), size, width);
    int begin = columns.begin();
    int end = columns.end();
    // A zero on either side stands for what is outside.
    double[] mixed = new double[size + 2];
    double[] values = new double[width];
    for (int y = rows.begin(); y < rows.end(); y++) {
      mixRows(rows.at(y), mixed);
      for (int x = begin; x < end; x++) {
        values[x] = between(mixed, columns.at(x));
      }
      line.take(y, values, begin, end);
    }
  }

  private void mixRows(double at, double[] mixed) {
    int before = (int) Math.floor(at);
    double weight = at - before;
    for (int i = 0; i < size; i++) {
      mixed[i + 1] = (1 - weight) * row(before, i) + weight * row(before + 1, i);
    }
  }

  private double row(int row, int column) {
    return row < 0 || row >= size ? 0 : prediction[row * size + column];
  }

  private static double between(double[] padded, double at) {
    int before = (int) Math.floor(at);
    if (before < -1 || before >= padded.length - 2) {
      return 0;
    }
    double weight = at - before;
    return (1 - weight) * padded[before + 1] + weight * padded[before + 2];
  }
}
