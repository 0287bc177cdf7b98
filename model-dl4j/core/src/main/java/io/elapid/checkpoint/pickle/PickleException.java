package io.elapid.checkpoint.pickle;

/** A pickle is damaged, or wants something that is not allowed; the message completes "it ...". */
public final class PickleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the pickle does wrong, as "ends early". */
  public PickleException(String problem) {
    super(problem);
  }
}
