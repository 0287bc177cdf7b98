package io.elapid.kernel;

import java.util.Arrays;

/**
 * Of boxes that overlap, only the best scored one: by falling score, of equal scores the lower
 * index first, a box is kept unless it overlaps a kept one with {@code IoU > threshold}.
 *
 * <p>Boxes are x1, y1, x2, y2 after one another; no pixel is added to their sides.
 *
 * @param kernel that compares them
 */
public record NonMaxSuppression(SuppressionKernel kernel) {
  /** On the processor that calls. */
  public static final NonMaxSuppression PLAIN = new NonMaxSuppression(new ReferenceSuppression());

  /**
   * The kept boxes by falling score.
   *
   * @param limit how many at most
   */
  public int[] keep(float[] boxes, float[] scores, double threshold, int limit) {
    return keep(boxes, scores, new int[scores.length], threshold, limit);
  }

  /**
   * As {@link #keep(float[], float[], double, int)}, where boxes of one id (a class, a level) do
   * not suppress those of another, as if each id had a plane of its own.
   */
  public int[] keep(float[] boxes, float[] scores, int[] ids, double threshold, int limit) {
    if (boxes.length != 4 * scores.length || ids.length != scores.length) {
      throw new IllegalArgumentException(
          "%d numbers of boxes, %d scores and %d ids do not fit"
              .formatted(boxes.length, scores.length, ids.length));
    }
    int[] order = TopScores.order(scores);
    int[] ranks = byId(order, ids);
    float[] sorted = new float[boxes.length];
    int[] kinds = new int[ids.length];
    for (int i = 0; i < ranks.length; i++) {
      int index = order[ranks[i]];
      kinds[i] = ids[index];
      System.arraycopy(boxes, 4 * index, sorted, 4 * i, 4);
    }
    return kernel.keep(sorted, kinds, threshold, limit).stream()
        .map(i -> ranks[i])
        .sorted()
        .limit(limit)
        .map(rank -> order[rank])
        .toArray();
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
  public Detections perClass(
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
