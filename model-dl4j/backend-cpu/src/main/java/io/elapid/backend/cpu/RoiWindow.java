package io.elapid.backend.cpu;

import io.elapid.kernel.Roi;
import io.elapid.kernel.RoiPooling;
import io.elapid.kernel.RoiWeights;
import java.util.Arrays;

/**
 * A region on a map of floats: what the pixels count in its bins is a factor per row times one per
 * column, so a row of bins is first a sum of rows of the map.
 *
 * @param row the region's place in its list
 */
record RoiWindow(int row, Axis rows, Axis columns) {
  /** As {@link RoiWeights}, rounded, with the pixels that count from first to last. */
  private record Axis(int[] first, int[] offset, float[] weights, int begin, int end) {
    static Axis of(RoiWeights exact) {
      float[] weights = new float[exact.weights().length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) exact.weights()[i];
      }
      return new Axis(exact.first(), exact.offset(), weights, exact.begin(), exact.end());
    }

    int bins() {
      return first.length;
    }
  }

  static RoiWindow of(int row, Roi roi, RoiPooling pooling, int level, int height, int width) {
    return new RoiWindow(
        row,
        Axis.of(RoiWeights.of(pooling.rows(roi, level), pooling.height(), height)),
        Axis.of(RoiWeights.of(pooling.columns(roi, level), pooling.width(), width)));
  }

  /** Writes the bins. {@code line} is scratch, as long as a row of the map. */
  void pool(float[] map, float[] line, float[] bins) {
    int width = line.length;
    for (int row = 0; row < rows.bins(); row++) {
      Arrays.fill(line, columns.begin(), Math.max(columns.begin(), columns.end()), 0);
      int offset = rows.offset()[row];
      int first = rows.first()[row];
      for (int i = offset; i < rows.offset()[row + 1]; i++) {
        addRow(map, (first + i - offset) * width, rows.weights()[i], line);
      }
      sumColumns(line, bins, row * columns.bins());
    }
  }

  private void addRow(float[] map, int in, float weight, float[] line) {
    int end = columns.end();
    for (int j = columns.begin(); j < end; j++) {
      line[j] += weight * map[in + j];
    }
  }

  private void sumColumns(float[] line, float[] bins, int out) {
    for (int column = 0; column < columns.bins(); column++) {
      int offset = columns.offset()[column];
      int shift = columns.first()[column] - offset;
      float sum = 0;
      for (int i = offset; i < columns.offset()[column + 1]; i++) {
        sum += columns.weights()[i] * line[shift + i];
      }
      bins[out + column] = sum;
    }
  }

  /** The transpose: adds to every pixel of the map what it gave to the bins. */
  void spread(float[] bins, float[] line, float[] map) {
    int width = line.length;
    for (int row = 0; row < rows.bins(); row++) {
      Arrays.fill(line, columns.begin(), Math.max(columns.begin(), columns.end()), 0);
      spreadColumns(bins, row * columns.bins(), line);
      int offset = rows.offset()[row];
      int first = rows.first()[row];
      for (int i = offset; i < rows.offset()[row + 1]; i++) {
        addLine(line, rows.weights()[i], map, (first + i - offset) * width);
      }
    }
  }

  private void spreadColumns(float[] bins, int in, float[] line) {
    for (int column = 0; column < columns.bins(); column++) {
      int offset = columns.offset()[column];
      int shift = columns.first()[column] - offset;
      float value = bins[in + column];
      for (int i = offset; i < columns.offset()[column + 1]; i++) {
        line[shift + i] += columns.weights()[i] * value;
      }
    }
  }

  private void addLine(float[] line, float weight, float[] map, int out) {
    int end = columns.end();
    for (int j = columns.begin(); j < end; j++) {
      map[out + j] += weight * line[j];
    }
  }
}
