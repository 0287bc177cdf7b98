package io.elapid.box;

import io.elapid.data.image.Size;
import java.util.Arrays;

/**
 * What a head says of one picture at one level of a pyramid.
 *
 * @param anchors the boxes that differences are from
 * @param map sizes of the level
 * @param classes scores per anchor
 * @param logits (anchors per cell, classes, height, width)
 * @param deltas (anchors per cell, 4, height, width)
 */
public record DenseLevel(
    AnchorLevel anchors, Size map, int classes, float[] logits, float[] deltas) {

  /**
   * The best scored boxes; scores are sigmoids, and of equal ones that of the lower position (row,
   * column, anchor, class) comes first.
   *
   * @param least scores count above this
   * @param limit how many at most
   */
  public Detections best(double least, int limit, BoxCoder coder) {
    long[] keys = keys(least);
    Arrays.sort(keys);
    int count = Math.min(keys.length, limit);
    float[] corners = new float[4 * count];
    float[] scores = new float[count];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      int position = (int) keys[i];
      labels[i] = position % classes;
      scores[i] = Float.intBitsToFloat(Integer.MAX_VALUE - (int) (keys[i] >>> Integer.SIZE));
      decode(position / classes, coder, corners, i);
    }
    return new Detections(new Boxes(corners), scores, labels);
  }

  /**
   * The same with the logits of a softmax, whose last class is the background, as those that its
   * other scores are the sigmoids of: what each has ahead of all others together.
   */
  public DenseLevel withoutBackground() {
    int cells = map.width() * map.height();
    int kept = classes - 1;
    float[] ahead = new float[logits.length / classes * kept];
    double[] scores = new double[classes];
    for (int a = 0; a < anchors.perCell(); a++) {
      for (int cell = 0; cell < cells; cell++) {
        for (int c = 0; c < classes; c++) {
          scores[c] = logits[(a * classes + c) * cells + cell];
        }
        for (int c = 0; c < kept; c++) {
          ahead[(a * kept + c) * cells + cell] = (float) (scores[c] - others(scores, c));
        }
      }
    }
    return new DenseLevel(anchors, map, kept, ahead, deltas);
  }

  /** Logarithm of the sum of the exponentials of all but one. */
  private static double others(double[] scores, int but) {
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < scores.length; c++) {
      most = c == but ? most : Math.max(most, scores[c]);
    }
    double sum = 0;
    for (int c = 0; c < scores.length; c++) {
      sum += c == but ? 0 : Math.exp(scores[c] - most);
    }
    return most + Math.log(sum);
  }

  /** Rise as scores fall, and with the position. */
  private long[] keys(double least) {
    int cells = map.width() * map.height();
    // a sigmoid is worth its time only where it may pass
    double gate = least <= 0 ? Double.NEGATIVE_INFINITY : Math.log(least / (1 - least)) - 1e-3;
    long[] keys = new long[256];
    int count = 0;
    for (int i = 0; i < logits.length; i++) {
      if (logits[i] > gate) {
        float score = sigmoid(logits[i]);
        if (score > least || least <= 0) {
          if (count == keys.length) {
            keys = Arrays.copyOf(keys, 2 * count);
          }
          int channel = i / cells;
          int position =
              (i % cells * anchors.perCell() + channel / classes) * classes + channel % classes;
          long rank = (long) Integer.MAX_VALUE - Float.floatToIntBits(score);
          keys[count++] = (rank << Integer.SIZE) | position;
        }
      }
    }
    return Arrays.copyOf(keys, count);
  }

  static float sigmoid(float logit) {
    return (float) (1 / (1 + Math.exp(-logit)));
  }

  private void decode(int anchor, BoxCoder coder, float[] corners, int index) {
    int cells = map.width() * map.height();
    int cell = anchor / anchors.perCell();
    int at = anchor % anchors.perCell() * 4 * cells + cell;
    Boxes base = anchors.base().rows(anchor % anchors.perCell());
    int row = cell / map.width();
    int column = cell % map.width();
    float dx = (float) column * anchors.stride();
    float dy = (float) row * anchors.stride();
    float[] moved = {base.left(0) + dx, base.top(0) + dy, base.right(0) + dx, base.bottom(0) + dy};
    BoxCoder.Delta delta =
        new BoxCoder.Delta(
            deltas[at], deltas[at + cells], deltas[at + 2 * cells], deltas[at + 3 * cells]);
    coder.decode(new Boxes(moved), 0, delta, corners, index);
  }
}
