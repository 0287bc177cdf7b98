package io.elapid.kernel;

/**
 * An accelerator refused or failed. Often nothing more can be computed on it by this process, so
 * that another one had better go on.
 */
public class AcceleratorException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean outOfMemory;

  /** With what its driver says. */
  public AcceleratorException(String message) {
    this(message, false);
  }

  /**
   * With what its driver says.
   *
   * @param outOfMemory see {@link #isOutOfMemory}
   */
  public AcceleratorException(String message, boolean outOfMemory) {
    super(message);
    this.outOfMemory = outOfMemory;
  }

  /** The same, where more is known of what it was doing. */
  public AcceleratorException(String message, AcceleratorException cause) {
    super(message, cause);
    outOfMemory = cause.isOutOfMemory();
  }

  /** Whether it is well and has only too little memory for what it was asked to do. */
  public boolean isOutOfMemory() {
    return outOfMemory;
  }
}
