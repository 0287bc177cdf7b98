package io.elapid.engine;

/** Training went astray: a loss, a gradient norm or, in debug mode, a result is not finite. */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DivergenceException(String message) {
    super(message);
  }
}
