package io.elapid.checkpoint;

/** A pickle names something outside the list: code that loading it in Python would run. */
final class ForbiddenGlobalException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The full name, as the file has it. */
  ForbiddenGlobalException(String name) {
    super(name);
  }
}
