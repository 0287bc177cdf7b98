package io.elapid.optim;

/**
 * Linear warm-up, half a cosine, then constant (Loshchilov and Hutter, "SGDR", 2017), in the forms
 * that the published recipes use with timm's scheduler.
 *
 * <p>With t the time in units of the {@link Pace}, W the warm-up and T the end of the cosine:
 *
 * <pre>
 *   t &lt; W : warmupRate + t (peak - warmupRate) / W
 *   t &lt; T : min + (peak - min) (1 + cos(pi x)) / 2,   x = (t - W) / (T - W)   placement AFTER_WARMUP
 *                                                     x = t / T               placement UNDER_WARMUP
 *   else  : min
 * </pre>
 *
 * @param stepsPerEpoch updates per epoch, positive
 * @param epochs length of warm-up and cosine together, positive
 * @param cooldownEpochs epochs at the minimum afterwards
 * @param peak learning rate that the warm-up leads to
 * @param minimum learning rate at the end of the cosine
 * @param warmupEpochs length of the warm-up, less than {@code epochs}; may be fractional where the
 *     pace is by step
 * @param warmupRate learning rate of the first update
 */
public record CosineSchedule(
    long stepsPerEpoch,
    int epochs,
    int cooldownEpochs,
    double peak,
    double minimum,
    double warmupEpochs,
    double warmupRate,
    Placement placement,
    Pace pace)
    implements Schedule {

  /** Where the cosine begins. */
  public enum Placement {
    /** The cosine starts at its peak when the warm-up ends (timm: warm-up prefixed). */
    AFTER_WARMUP,
    /** The cosine runs from the first epoch; the warm-up covers its beginning (timm's default). */
    UNDER_WARMUP
  }

  /** When the learning rate changes. */
  public enum Pace {
    /** Before every update (EfficientViM, MobileMamba). */
    STEP,
    /** Before every epoch. */
    EPOCH,
    /**
     * After every epoch, with that epoch's number: epoch e runs at the rate of e - 1, and the first
     * two at the warm-up rate (TinyViM, and every script derived from DeiT's).
     */
    EPOCH_LATE,
    /**
     * The warm-up rises once per epoch; the cosine then moves per update, one late
     * (EfficientVMamba).
     */
    EPOCH_THEN_STEP_LATE
  }

  public CosineSchedule {
    if (stepsPerEpoch < 1 || epochs < 1 || cooldownEpochs < 0) {
      throw new IllegalArgumentException(
          "not a duration: %d steps per epoch, %d epochs, %d cool-down epochs"
              .formatted(stepsPerEpoch, epochs, cooldownEpochs));
    }
    if (!(warmupEpochs >= 0 && warmupEpochs < epochs)) {
      throw new IllegalArgumentException(
          "warm-up of %s epochs in a schedule of %d".formatted(warmupEpochs, epochs));
    }
    if (!(peak >= 0 && minimum >= 0 && warmupRate >= 0)) {
      throw new IllegalArgumentException(
          "negative learning rate: peak %s, minimum %s, warm-up %s"
              .formatted(peak, minimum, warmupRate));
    }
  }

  @Override
  public long totalSteps() {
    return stepsPerEpoch * (epochs + cooldownEpochs);
  }

  @Override
  public double learningRate(long step) {
    long epoch = step / stepsPerEpoch;
    return switch (pace) {
      case STEP -> rate((double) step, stepsPerEpoch);
      case EPOCH -> rate((double) epoch, 1);
      case EPOCH_LATE -> rate(Math.max(0, (double) epoch - 1), 1);
      case EPOCH_THEN_STEP_LATE ->
          epoch < warmupEpochs ? rate((double) epoch, 1) : lateCosine(step);
    };
  }

  private double lateCosine(long step) {
    double warmup = warmupEpochs * stepsPerEpoch;
    return cosine(Math.max((double) step - 1, warmup), warmup, (double) epochs * stepsPerEpoch);
  }

  private double rate(double time, long unitsPerEpoch) {
    double warmup = warmupEpochs * unitsPerEpoch;
    if (time < warmup) {
      return warmupRate + time * (peak - warmupRate) / warmup;
    }
    return cosine(time, warmup, (double) epochs * unitsPerEpoch);
  }

  private double cosine(double time, double warmup, double end) {
    if (time >= end) {
      return minimum;
    }
    double done =
        placement == Placement.AFTER_WARMUP ? (time - warmup) / (end - warmup) : time / end;
    return minimum + 0.5 * (peak - minimum) * (1 + Math.cos(Math.PI * done));
  }
}
