package io.elapid.kernel;

/** How a selective scan gets its step size {@code dt} from {@code delta + bias}. */
public enum StepRule {
  /** {@code ln(1 + e^x)}, and {@code x} itself above 20, where the two are the same. */
  SOFTPLUS(0),
  /** As it is. */
  IDENTITY(1);

  private final int code;

  StepRule(int code) {
    this.code = code;
  }

  /** The number that stands for this rule in saved graphs. */
  public int code() {
    return code;
  }

  /** The rule with that {@link #code()}. */
  public static StepRule ofCode(int code) {
    for (StepRule rule : values()) {
      if (rule.code == code) {
        return rule;
      }
    }
    throw new IllegalArgumentException("no step rule has the code " + code);
  }
}
