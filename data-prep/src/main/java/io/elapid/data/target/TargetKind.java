package io.elapid.data.target;

/** What the samples of a data set are annotated with. */
public enum TargetKind {
  /** One class for each picture. */
  CLASSIFICATION,
  /** Boxes and masks of single objects. */
  DETECTION,
  /** A class for every pixel. */
  SEGMENTATION
}
