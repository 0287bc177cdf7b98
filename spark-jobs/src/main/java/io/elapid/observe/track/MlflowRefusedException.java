package io.elapid.observe.track;

/** The server has understood a request and will never take it. */
final class MlflowRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  MlflowRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
