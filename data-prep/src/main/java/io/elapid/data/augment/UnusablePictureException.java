package io.elapid.data.augment;

/** A picture that can be read and not be transformed; the message is the reason, in a few words. */
public final class UnusablePictureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnusablePictureException(String reason) {
    super(reason);
  }
}
