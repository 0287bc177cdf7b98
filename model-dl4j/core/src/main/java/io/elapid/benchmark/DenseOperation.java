package io.elapid.benchmark;

import io.elapid.kernel.RoiPooling;

/**
 * What detectors and segmenters do beside convolutions, one picture of 1344 x 800 or 512 x 512 at a
 * time. The floor is what memory takes, each number read and written once, or the exponentials.
 */
public enum DenseOperation {
  /** Box features of 512 regions from a pyramid of 256 channels. */
  ROI_ALIGN(pyramid() + pooled(), 0),
  ROI_ALIGN_GRADIENT(pyramid() + pooled(), 0),
  /** A step of a pyramid's top-down path: the second level to the size of the first. */
  NEAREST(1.25 * level(0), 0),
  NEAREST_GRADIENT(1.25 * level(0), 0),
  /** Scores of 150 classes from a quarter of a picture to all of it. */
  LINEAR(scores() * (1 + 1.0 / 16), 0),
  LINEAR_GRADIENT(scores() * (1 + 1.0 / 16), 0),
  /** Nine anchors of 80 classes on the finest of a detector's levels. */
  FOCAL(2 * anchors(), anchors()),
  /** Scores of 150 classes for the pixels of a picture. */
  CROSS_ENTROPY(2 * scores(), scores());

  /** Height of a detector's picture. */
  public static final int HEIGHT = 800;

  /** Its width. */
  public static final int WIDTH = 1344;

  /** Channels of its pyramid. */
  public static final int CHANNELS = 256;

  /** Levels that regions are taken from; the finest has a quarter of the picture's sides. */
  public static final int LEVELS = 4;

  /** Regions of a picture. */
  public static final int REGIONS = 512;

  /** Anchors at a position. */
  public static final int ANCHORS = 9;

  /** Classes of a detector. */
  public static final int CLASSES = 80;

  /** Classes of a segmenter. */
  public static final int LABELS = 150;

  /** Height and width of its picture. */
  public static final int SIDE = 512;

  /** How regions are pooled. */
  public static final RoiPooling POOLING =
      new RoiPooling(7, 7, 0, RoiPooling.Alignment.ALIGNED, 4, 56);

  private final double floats;
  private final double exponentials;

  DenseOperation(double floats, double exponentials) {
    this.floats = floats;
    this.exponentials = exponentials;
  }

  /** The least time of one call in nanoseconds. */
  public double floor(Work.Speeds speeds) {
    return Work.ofFloats(floats, exponentials, 0).floor(speeds);
  }

  private static double level(int index) {
    return (double) CHANNELS * (HEIGHT >> (index + 2)) * (WIDTH >> (index + 2));
  }

  private static double pyramid() {
    return level(0) + level(1) + level(2) + level(3);
  }

  private static double pooled() {
    return (double) REGIONS * CHANNELS * 49;
  }

  private static double anchors() {
    return (double) ANCHORS * CLASSES * (HEIGHT / 8) * (WIDTH / 8);
  }

  private static double scores() {
    return (double) LABELS * SIDE * SIDE;
  }
}
