package io.elapid.kernel;

/**
 * An accelerator refused or failed. Often nothing more can be computed on it by this process, so
 * that another one had better go on.
 */
public class AcceleratorException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With what its driver says. */
  public AcceleratorException(String message) {
    super(message);
  }

  /** The same, where more is known of what it was doing. */
  public AcceleratorException(String message, AcceleratorException cause) {
    super(message, cause);
  }
}
