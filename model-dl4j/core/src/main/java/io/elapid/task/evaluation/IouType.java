package io.elapid.task.evaluation;

/** What of a detection is laid over what of an object. */
public enum IouType {
  /** Their boxes ("bbox"). */
  BBOX,
  /** Their masks ("segm"). */
  SEGM
}
