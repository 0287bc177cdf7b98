package io.elapid.optim;

/**
 * A factor on the learning rate that rises linearly from {@code start} to 1.
 *
 * @param steps length; 0 for none
 * @param start factor of the first update
 * @param reach which update has the factor 1 first
 */
public record LinearWarmup(long steps, double start, Reach reach) {

  /** Where the rise ends. */
  public enum Reach {
    /** Behind the last step of the warm-up (timm, mmcv). */
    BEHIND,
    /** At the last step of the warm-up (mmengine). */
    LAST
  }

  /** Checks length and factor. */
  public LinearWarmup {
    if (steps < 0 || !(start >= 0 && start <= 1)) {
      throw new IllegalArgumentException(
          "warm-up of %d steps from %s times the rate".formatted(steps, start));
    }
  }

  /** No warm-up. */
  public static LinearWarmup none() {
    return new LinearWarmup(0, 1, Reach.BEHIND);
  }

  double factor(long step) {
    long end = reach == Reach.LAST ? steps - 1 : steps;
    return step >= end ? 1 : start + (1 - start) * step / end;
  }
}
