package io.elapid.worker;

/** A rank ends because the driver asked it to; what there was to save has been saved. */
final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoppedException(long step) {
    super("the run was stopped on request at step " + step);
  }
}
