package io.elapid.kernel;

/** There is no device here that kernels could use. The message says why and what would help. */
public final class AcceleratorUnavailableException extends Exception {
  private static final long serialVersionUID = 1;

  public AcceleratorUnavailableException(String message) {
    super(message);
  }

  public AcceleratorUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
