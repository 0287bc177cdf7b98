package io.elapid.task.evaluation;

/** Where COCO's measures are taken, to the bit as its tools calculate them. */
final class Thresholds {
  /** How many overlaps from 0.5 to 0.95. */
  static final int IOUS = 10;

  /** How many recalls from 0 to 1. */
  static final int RECALLS = 101;

  private static final double IOU_STEP = (0.95 - 0.5) / (IOUS - 1);
  private static final double RECALL_STEP = 1.0 / (RECALLS - 1);

  private Thresholds() {}

  /** Overlap {@code t}; some are not the nearest double to what is meant. */
  static double iou(int t) {
    return t == IOUS - 1 ? 0.95 : t * IOU_STEP + 0.5;
  }

  /** Recall {@code r}. */
  static double recall(int r) {
    return r == RECALLS - 1 ? 1 : r * RECALL_STEP;
  }
}
