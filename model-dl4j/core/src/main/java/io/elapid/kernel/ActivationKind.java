package io.elapid.kernel;

/** Elementwise functions that networks use between linear maps. */
public enum ActivationKind {
  /** {@code x}. */
  IDENTITY(0),
  /** {@code max(x, 0)}; NaN stays NaN; the derivative at 0 is 0. */
  RELU(1),
  /** {@code 1 / (1 + exp(-x))}. */
  SIGMOID(2),
  /** {@code x * sigmoid(x)}. */
  SILU(3),
  /** {@code x * Phi(x)} with the exact normal distribution function, not the tanh approximation. */
  GELU(4);

  private final int code;

  ActivationKind(int code) {
    this.code = code;
  }

  /** The number that stands for this kind in saved graphs. */
  public int code() {
    return code;
  }

  /** The kind with that {@link #code()}. */
  public static ActivationKind ofCode(int code) {
    for (ActivationKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IllegalArgumentException("no activation has the code " + code);
  }

  /**
   * Whether the derivative is taken from the output {@code y} rather than from the input {@code x}.
   */
  public boolean differentiatesFromOutput() {
    return this == RELU || this == SIGMOID || this == IDENTITY;
  }
}
