package io.elapid.kernel;

import java.util.Arrays;

/**
 * Of boxes that overlap, only the best scored one: by falling score, of equal scores the lower
 * index first, a box is kept unless it overlaps a kept one with {@code IoU > threshold}.
 *
 * <p>Boxes are x1, y1, x2, y2 after one another; no pixel is added to their sides.
 */
public final class NonMaxSuppression {
  private NonMaxSuppression() {}

  /**
   * The kept boxes by falling score.
   *
   * @param limit how many at most
   */
  public static int[] keep(float[] boxes, float[] scores, double threshold, int limit) {
    return keep(boxes, scores, new int[scores.length], threshold, limit);
  }

  /**
   * As {@link #keep(float[], float[], double, int)}, where boxes of one id (a class, a level) do
   * not suppress those of another, as if each id had a plane of its own.
   */
  public static int[] keep(float[] boxes, float[] scores, int[] ids, double threshold, int limit) {
    if (boxes.length != 4 * scores.length || ids.length != scores.length) {
      throw new IllegalArgumentException(
          "%d numbers of boxes, %d scores and %d ids do not fit"
              .formatted(boxes.length, scores.length, ids.length));
    }
    int[] order = TopScores.order(scores);
    int[] kept = new int[order.length];
    int count = 0;
    int[] ranks = byId(order, ids);
    for (int start = 0; start < ranks.length; ) {
      int end = start;
      while (end < ranks.length && ids[order[ranks[end]]] == ids[order[ranks[start]]]) {
        end++;
      }
      Group group = Group.of(boxes, order, ranks, start, end);
      for (int i : group.keep(threshold, limit)) {
        kept[count++] = ranks[start + i];
      }
      start = end;
    }
    Arrays.sort(kept, 0, count);
    return Arrays.stream(kept, 0, Math.min(count, limit)).map(rank -> order[rank]).toArray();
  }

  /** Places in {@code order}, those of an id together and in order. */
  private static int[] byId(int[] order, int[] ids) {
    long[] keys = new long[order.length];
    for (int rank = 0; rank < keys.length; rank++) {
      keys[rank] = ((long) ids[order[rank]] << Integer.SIZE) | rank;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  /** Boxes that may suppress one another, by falling score. */
  private record Group(double[] x1, double[] y1, double[] x2, double[] y2, double[] area) {
    static Group of(float[] boxes, int[] order, int[] ranks, int start, int end) {
      int n = end - start;
      Group group =
          new Group(new double[n], new double[n], new double[n], new double[n], new double[n]);
      for (int i = 0; i < n; i++) {
        int box = 4 * order[ranks[start + i]];
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

  /**
   * Detections of one picture.
   *
   * @param indices {@code row K + class}, by falling score
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Detections(int[] indices, int classes) {
    public int count() {
      return indices.length;
    }

    /** Which of the rows detection {@code i} comes from. */
    public int row(int i) {
      return indices[i] / classes;
    }

    /** Class of detection {@code i}. */
    public int label(int i) {
      return indices[i] % classes;
    }
  }

  /**
   * Suppression within each class of rows that may be of several.
   *
   * @param boxes one per row, or one per row and class
   * @param scores {@code (n, columns)}; columns from {@code classes} on are left out, as the
   *     background's
   * @param classes K
   * @param least scores count above this
   * @param limit how many detections at most
   */
  public static Detections perClass(
      float[] boxes,
      float[] scores,
      int columns,
      int classes,
      double least,
      double threshold,
      int limit) {
    int rows = scores.length / columns;
    boolean shared = boxes.length == 4 * rows;
    if (!shared && boxes.length != 4 * rows * classes) {
      throw new IllegalArgumentException(
          "%d numbers of boxes for %d rows of %d classes".formatted(boxes.length, rows, classes));
    }
    int[] found = new int[rows * classes];
    int count = 0;
    for (int i = 0; i < found.length; i++) {
      if (scores[i / classes * columns + i % classes] > least) {
        found[count++] = i;
      }
    }
    float[] chosen = new float[4 * count];
    float[] chosenScores = new float[count];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      int row = found[i] / classes;
      labels[i] = found[i] % classes;
      chosenScores[i] = scores[row * columns + labels[i]];
      System.arraycopy(boxes, 4 * (shared ? row : found[i]), chosen, 4 * i, 4);
    }
    int[] kept = keep(chosen, chosenScores, labels, threshold, limit);
    return new Detections(Arrays.stream(kept).map(i -> found[i]).toArray(), classes);
  }
}
