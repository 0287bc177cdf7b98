package io.elapid.job;

/** The run was ended from outside, in order: submitting it again goes on from where it stopped. */
public final class RunStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RunStoppedException(String message) {
    super(message);
  }
}
