package io.elapid.backend.cpu;

import io.elapid.kernel.Resampling;
import io.elapid.kernel.Resampling.Taps;
import java.util.Arrays;

/** Maps of one size made from those of another: along rows first, then along columns. */
record Resizing(Axis rows, Axis columns) {
  /**
   * What each pixel is made of, along one dimension: its {@code t}-th part is {@code weight[t][i]}
   * times pixel {@code index[t][i]}. Where others have more parts, one repeats with weight 0.
   */
  private record Axis(int[][] index, float[][] weight, int from) {
    static Axis of(Resampling rule, int from, int to) {
      Taps[] taps = new Taps[to];
      int most = 0;
      for (int i = 0; i < to; i++) {
        taps[i] = rule.taps(i, from, to);
        most = Math.max(most, taps[i].weights().length);
      }
      Axis axis = new Axis(new int[most][to], new float[most][to], from);
      for (int i = 0; i < to; i++) {
        for (int t = 0; t < most; t++) {
          boolean counts = t < taps[i].weights().length;
          axis.index[t][i] = taps[i].first() + (counts ? t : 0);
          axis.weight[t][i] = counts ? (float) taps[i].weights()[t] : 0;
        }
      }
      return axis;
    }

    int length() {
      return index[0].length;
    }

    int parts() {
      return index.length;
    }
  }

  static Resizing of(Resampling rule, Planes from, Planes to) {
    return new Resizing(
        Axis.of(rule, from.height(), to.height()), Axis.of(rule, from.width(), to.width()));
  }

  /** {@code to += resized from}. */
  void add(float[] from, float[] to) {
    int width = columns.from();
    float[] line = new float[width];
    for (int row = 0; row < rows.length(); row++) {
      mix(from, row, line);
      int out = row * columns.length();
      if (columns.parts() == 2) {
        addPairs(line, to, out);
      } else {
        for (int t = 0; t < columns.parts(); t++) {
          addPart(line, columns.index()[t], columns.weight()[t], to, out);
        }
      }
    }
  }

  private void mix(float[] from, int row, float[] line) {
    int width = line.length;
    if (rows.parts() == 2) {
      float first = rows.weight()[0][row];
      float second = rows.weight()[1][row];
      int before = rows.index()[0][row] * width;
      int after = rows.index()[1][row] * width;
      for (int j = 0; j < width; j++) {
        line[j] = first * from[before + j] + second * from[after + j];
      }
      return;
    }
    Arrays.fill(line, 0);
    for (int t = 0; t < rows.parts(); t++) {
      float weight = rows.weight()[t][row];
      int in = rows.index()[t][row] * width;
      for (int j = 0; j < width; j++) {
        line[j] += weight * from[in + j];
      }
    }
  }

  private void addPairs(float[] line, float[] to, int out) {
    int[] before = columns.index()[0];
    int[] after = columns.index()[1];
    float[] first = columns.weight()[0];
    float[] second = columns.weight()[1];
    for (int i = 0; i < before.length; i++) {
      to[out + i] += first[i] * line[before[i]] + second[i] * line[after[i]];
    }
  }

  private static void addPart(float[] line, int[] index, float[] weight, float[] to, int out) {
    for (int i = 0; i < index.length; i++) {
      to[out + i] += weight[i] * line[index[i]];
    }
  }

  /** The transpose: adds to every pixel of {@code from} what it gave to {@code to}. */
  void collect(float[] to, float[] from) {
    int width = columns.from();
    float[] line = new float[width];
    for (int row = 0; row < rows.length(); row++) {
      for (int t = 0; t < columns.parts(); t++) {
        collectPart(to, row * columns.length(), t, line);
      }
      for (int t = 0; t < rows.parts(); t++) {
        float weight = rows.weight()[t][row];
        int out = rows.index()[t][row] * width;
        for (int j = 0; j < width; j++) {
          from[out + j] += weight * line[j];
        }
      }
      Arrays.fill(line, 0);
    }
  }

  private void collectPart(float[] to, int in, int part, float[] line) {
    int[] index = columns.index()[part];
    float[] weight = columns.weight()[part];
    for (int i = 0; i < index.length; i++) {
      line[index[i]] += weight[i] * to[in + i];
    }
  }
}
