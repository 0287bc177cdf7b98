package io.elapid.worker;

/** Something took longer than it may. */
public final class DeadlineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DeadlineException(String message, Throwable cause) {
    super(message, cause);
  }
}
