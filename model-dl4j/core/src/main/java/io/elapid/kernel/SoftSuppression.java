package io.elapid.kernel;

import java.util.Arrays;

/**
 * Suppression that lowers scores (Bodla et al., "Soft-NMS", ICCV 2017): the best scored box is
 * taken, the scores of those that overlap it are multiplied by a factor, and so on.
 *
 * @param decay what the factor is
 * @param threshold IoU from which on boxes overlap, for the first two kinds
 * @param sigma width of the third
 * @param least boxes with a lower score are dropped
 */
public record SoftSuppression(Decay decay, double threshold, double sigma, double least) {
  /** Kinds of factors. */
  public enum Decay {
    /** 0 where boxes overlap. */
    NONE,
    /** {@code 1 - IoU} where boxes overlap. */
    LINEAR,
    /** {@code exp(-IoU^2 / sigma)}. */
    GAUSSIAN
  }

  /**
   * What is left, in the order of taking.
   *
   * @param scores as they were when a box was taken
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Kept(int[] indices, float[] scores) {}

  /** Takes boxes (x1, y1, x2, y2 after one another) by falling score, the lower index first. */
  public Kept keep(float[] boxes, float[] scores) {
    float[] left = scores.clone();
    boolean[] gone = new boolean[scores.length];
    int[] indices = new int[scores.length];
    float[] taken = new float[scores.length];
    int count = 0;
    for (int best = best(left, gone); best >= 0; best = best(left, gone)) {
      indices[count] = best;
      taken[count++] = left[best];
      gone[best] = true;
      for (int j = 0; j < left.length; j++) {
        if (!gone[j]) {
          left[j] = (float) (left[j] * factor(overlap(boxes, best, j)));
          gone[j] = left[j] < least;
        }
      }
    }
    return new Kept(Arrays.copyOf(indices, count), Arrays.copyOf(taken, count));
  }

  private static int best(float[] scores, boolean[] gone) {
    int best = -1;
    for (int i = 0; i < scores.length; i++) {
      if (!gone[i] && (best < 0 || scores[i] > scores[best])) {
        best = i;
      }
    }
    return best;
  }

  private double factor(double overlap) {
    return switch (decay) {
      case NONE -> overlap >= threshold ? 0 : 1;
      case LINEAR -> overlap >= threshold ? 1 - overlap : 1;
      case GAUSSIAN -> Math.exp(-overlap * overlap / sigma);
    };
  }

  private static double overlap(float[] boxes, int i, int j) {
    int a = 4 * i;
    int b = 4 * j;
    double width = Math.min(boxes[a + 2], boxes[b + 2]) - (double) Math.max(boxes[a], boxes[b]);
    double height =
        Math.min(boxes[a + 3], boxes[b + 3]) - (double) Math.max(boxes[a + 1], boxes[b + 1]);
    double common = Math.max(0, width) * Math.max(0, height);
    double union = area(boxes, a) + area(boxes, b) - common;
    return union > 0 ? common / union : 0;
  }

  private static double area(float[] boxes, int at) {
    return ((double) boxes[at + 2] - boxes[at]) * ((double) boxes[at + 3] - boxes[at + 1]);
  }
}
