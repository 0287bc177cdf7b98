package io.elapid.collective;

/**
 * The group of ranks cannot go on. The message is the first cause that any rank saw: which rank, at
 * which address, in which phase.
 */
public final class CollectiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CollectiveException(String message) {
    super(message);
  }

  public CollectiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
