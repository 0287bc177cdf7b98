package io.elapid.backend.cpu;

import io.elapid.kernel.Interpolation;

/** Bilinear interpolation between a small and a large map: along rows first, then along columns. */
record Enlargement(Axis rows, Axis columns) {
  /** Where each pixel of the large map lies between two of the small one, along one dimension. */
  private record Axis(int[] before, int[] after, float[] weight, int smallLength) {
    static Axis of(int large, int small) {
      Axis axis = new Axis(new int[large], new int[large], new float[large], small);
      for (int i = 0; i < large; i++) {
        Interpolation at = Interpolation.at(i, large, small);
        axis.before[i] = at.before();
        axis.after[i] = at.after();
        axis.weight[i] = (float) at.weight();
      }
      return axis;
    }

    int length() {
      return weight.length;
    }
  }

  static Enlargement of(Planes small, Planes large) {
    return new Enlargement(
        Axis.of(large.height(), small.height()), Axis.of(large.width(), small.width()));
  }

  /** {@code large += interpolated small}. */
  void add(float[] small, float[] large) {
    int width = columns.smallLength();
    float[] line = new float[width];
    for (int row = 0; row < rows.length(); row++) {
      float weight = rows.weight()[row];
      int before = rows.before()[row] * width;
      int after = rows.after()[row] * width;
      for (int j = 0; j < width; j++) {
        line[j] = (1 - weight) * small[before + j] + weight * small[after + j];
      }
      addLine(line, large, row * columns.length());
    }
  }

  private void addLine(float[] line, float[] large, int out) {
    int[] before = columns.before();
    int[] after = columns.after();
    float[] weight = columns.weight();
    for (int i = 0; i < weight.length; i++) {
      large[out + i] += (1 - weight[i]) * line[before[i]] + weight[i] * line[after[i]];
    }
  }

  /** The transpose: adds to every pixel of {@code small} what it gave to {@code large}. */
  void collect(float[] large, float[] small) {
    int width = columns.smallLength();
    float[] line = new float[width];
    for (int row = 0; row < rows.length(); row++) {
      collectLine(large, row * columns.length(), line);
      float weight = rows.weight()[row];
      int before = rows.before()[row] * width;
      int after = rows.after()[row] * width;
      for (int j = 0; j < width; j++) {
        small[before + j] += (1 - weight) * line[j];
        small[after + j] += weight * line[j];
        line[j] = 0;
      }
    }
  }

  private void collectLine(float[] large, int in, float[] line) {
    int[] before = columns.before();
    int[] after = columns.after();
    float[] weight = columns.weight();
    for (int i = 0; i < weight.length; i++) {
      float value = large[in + i];
      line[before[i]] += (1 - weight[i]) * value;
      line[after[i]] += weight[i] * value;
    }
  }
}
