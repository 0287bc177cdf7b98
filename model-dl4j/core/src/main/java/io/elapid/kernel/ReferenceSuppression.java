package io.elapid.kernel;

import java.util.Arrays;
import java.util.BitSet;

/** One kept box after the other against all that follow. */
final class ReferenceSuppression implements SuppressionKernel {
  @Override
  public BitSet keep(float[] boxes, int[] kinds, double threshold, int limit) {
    BitSet kept = new BitSet(kinds.length);
    for (int start = 0; start < kinds.length; ) {
      int end = start;
      while (end < kinds.length && kinds[end] == kinds[start]) {
        end++;
      }
      for (int i : Group.of(boxes, start, end).keep(threshold, limit)) {
        kept.set(start + i);
      }
      start = end;
    }
    return kept;
  }

  /** Boxes that may suppress one another, by falling score. */
  private record Group(double[] x1, double[] y1, double[] x2, double[] y2, double[] area) {
    static Group of(float[] boxes, int start, int end) {
      int n = end - start;
      Group group =
          new Group(new double[n], new double[n], new double[n], new double[n], new double[n]);
      for (int i = 0; i < n; i++) {
        int box = 4 * (start + i);
        group.x1[i] = boxes[box];
        group.y1[i] = boxes[box + 1];
        group.x2[i] = boxes[box + 2];
        group.y2[i] = boxes[box + 3];
        group.area[i] = (group.x2[i] - group.x1[i]) * (group.y2[i] - group.y1[i]);
      }
      return group;
    }

    int[] keep(double threshold, int limit) {
      boolean[] suppressed = new boolean[area.length];
      int[] kept = new int[area.length];
      int count = 0;
      for (int i = 0; i < area.length && count < limit; i++) {
        if (!suppressed[i]) {
          kept[count++] = i;
          suppress(i, threshold, suppressed);
        }
      }
      return Arrays.copyOf(kept, count);
    }

    private void suppress(int i, double threshold, boolean[] suppressed) {
      for (int j = i + 1; j < area.length; j++) {
        double width = Math.min(x2[i], x2[j]) - Math.max(x1[i], x1[j]);
        double height = Math.min(y2[i], y2[j]) - Math.max(y1[i], y1[j]);
        double common = Math.max(0, width) * Math.max(0, height);
        suppressed[j] |= common > threshold * (area[i] + area[j] - common);
      }
    }
  }
}
