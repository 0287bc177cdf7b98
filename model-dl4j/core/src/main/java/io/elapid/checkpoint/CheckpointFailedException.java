package io.elapid.checkpoint;

/** Checkpoints cannot be written: too many in a row have failed, or one takes too long. */
public final class CheckpointFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CheckpointFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
