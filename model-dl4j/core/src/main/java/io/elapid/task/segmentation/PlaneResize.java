package io.elapid.task.segmentation;

import io.elapid.data.image.Size;
import io.elapid.kernel.Resampling;

/** Bilinear resizing of one plane after another, between two sizes; corners are not aligned. */
final class PlaneResize {
  private final Size from;
  private final Size to;
  private final Axis rows;
  private final Axis columns;
  private final float[] between;

  /** Per pixel the two that it lies between, and how near it is to the second. */
  private record Axis(int[] before, int[] after, float[] weight) {
    static Axis of(int from, int to) {
      Axis axis = new Axis(new int[to], new int[to], new float[to]);
      for (int i = 0; i < to; i++) {
        Resampling.Taps taps = Resampling.LINEAR.taps(i, from, to);
        axis.before[i] = taps.first();
        axis.after[i] = taps.first() + taps.weights().length - 1;
        axis.weight[i] = taps.weights().length == 1 ? 0 : (float) taps.weights()[1];
      }
      return axis;
    }
  }

  PlaneResize(Size from, Size to) {
    this.from = from;
    this.to = to;
    this.rows = Axis.of(from.height(), to.height());
    this.columns = Axis.of(from.width(), to.width());
    this.between = new float[from.height() * to.width()];
  }

  /**
   * Resizes a plane.
   *
   * @param pitch elements from row to row of {@code plane}
   * @param at first element
   */
  void apply(float[] plane, int at, int pitch, float[] resized) {
    if (from.equals(to) && pitch == from.width()) {
      System.arraycopy(plane, at, resized, 0, resized.length);
      return;
    }
    int width = to.width();
    for (int y = 0; y < from.height(); y++) {
      for (int x = 0; x < width; x++) {
        float left = plane[at + y * pitch + columns.before[x]];
        float right = plane[at + y * pitch + columns.after[x]];
        between[y * width + x] = left + columns.weight[x] * (right - left);
      }
    }
    for (int y = 0; y < to.height(); y++) {
      int above = rows.before[y] * width;
      int below = rows.after[y] * width;
      for (int x = 0; x < width; x++) {
        float top = between[above + x];
        resized[y * width + x] = top + rows.weight[y] * (between[below + x] - top);
      }
    }
  }
}
