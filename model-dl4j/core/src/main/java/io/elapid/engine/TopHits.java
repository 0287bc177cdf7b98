package io.elapid.engine;

import java.nio.FloatBuffer;

/** Right answers in a batch of class scores. */
final class TopHits {
  private static final int FIVE = 5;

  private TopHits() {}

  /**
   * How many of the first {@code rows} have their label on top, and among the first five; of equal
   * scores the lower class index counts as higher.
   */
  static int[] count(FloatBuffer logits, int classes, int[] labels, int rows) {
    int[] hits = new int[2];
    for (int row = 0; row < rows; row++) {
      int rank = rank(logits, row * classes, classes, labels[row]);
      hits[0] += rank == 0 ? 1 : 0;
      hits[1] += rank < FIVE ? 1 : 0;
    }
    return hits;
  }

  private static int rank(FloatBuffer logits, int start, int classes, int label) {
    float score = logits.get(start + label);
    int above = 0;
    for (int c = 0; c < classes; c++) {
      float other = logits.get(start + c);
      if (other > score || (other == score && c < label)) {
        above++;
      }
    }
    return above;
  }
}
