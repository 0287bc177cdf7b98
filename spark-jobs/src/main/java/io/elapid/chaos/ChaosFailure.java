package io.elapid.chaos;

/** A case did not come out as it must. */
final class ChaosFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ChaosFailure(String message) {
    super(message);
  }

  ChaosFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
