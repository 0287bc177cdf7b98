package io.elapid.task.evaluation;

/** Which detections can find which objects. */
public enum ClassGrouping {
  /** Only those of the same class. */
  BY_CLASS,
  /** Any: classes are not looked at, as in a measure of proposals. */
  ALL_TOGETHER
}
