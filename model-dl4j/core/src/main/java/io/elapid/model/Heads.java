package io.elapid.model;

/** The linear heads that a network is built with. */
public enum Heads {
  /** For the classes. */
  CLASSIFICATION,
  /** A second set of heads that learns from a teacher; the answer is the mean of both. */
  CLASSIFICATION_AND_DISTILLATION;

  /** Whether there is a second set. */
  public boolean distilled() {
    return this == CLASSIFICATION_AND_DISTILLATION;
  }
}
