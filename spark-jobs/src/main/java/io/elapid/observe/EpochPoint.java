package io.elapid.observe;

import io.elapid.task.evaluation.CocoResults;

/**
 * An evaluation on samples that are not trained on; what the task does not have is NaN.
 *
 * @param epoch epochs done
 * @param step updates done
 * @param loss mean cross-entropy
 * @param top1 share of right answers, in [0, 1]
 * @param top5 share of answers with the right one among the best five, in [0, 1]
 * @param miou mean over classes of intersection over union, in [0, 1]
 * @param ap mean precision of found objects over overlaps, classes and recalls, in [0, 1], or
 *     {@link CocoResults#ABSENT}
 * @param maskAp the same of their masks
 */
public record EpochPoint(
    long epoch,
    long step,
    double loss,
    double top1,
    double top5,
    double miou,
    double ap,
    double maskAp) {
  /** Of whole pictures. */
  EpochPoint(long epoch, long step, double loss, double top1, double top5) {
    this(epoch, step, loss, top1, top5, Double.NaN, Double.NaN, Double.NaN);
  }

  /**
   * What the task is judged by: of a classifier {@code top1}, of a segmenter {@code miou}, of a
   * detector {@code ap}, with masks {@code maskAp}. NaN where there was nothing to be found.
   */
  double headline() {
    if (hasMasks()) {
      return share(maskAp);
    }
    if (ofObjects()) {
      return precision();
    }
    return ofPixels() ? miou : top1;
  }

  /** {@code ap} for a chart: NaN where there was nothing to be found. */
  double precision() {
    return share(ap);
  }

  private static double share(double measure) {
    return measure == CocoResults.ABSENT ? Double.NaN : measure;
  }

  /** What that is called. */
  String headlineName() {
    if (hasMasks()) {
      return "AP of masks";
    }
    if (ofObjects()) {
      return "AP";
    }
    return ofPixels() ? "mIoU" : "top-1";
  }

  boolean ofObjects() {
    return !Double.isNaN(ap);
  }

  boolean hasMasks() {
    return !Double.isNaN(maskAp);
  }

  boolean ofPixels() {
    return !Double.isNaN(miou);
  }
}
