package io.elapid.optim;

/**
 * A decay of the peak rate, multiplied by a linear warm-up: the schedules of mmcv and mmengine.
 *
 * @param stepsPerEpoch updates per epoch, positive
 * @param epochs length of the decay, positive
 * @param cooldownEpochs epochs at the decay's last rate afterwards
 * @param peak rate that the decay starts from
 */
public record StagedSchedule(
    long stepsPerEpoch,
    int epochs,
    int cooldownEpochs,
    double peak,
    LinearWarmup warmup,
    Decay decay)
    implements Schedule {

  /** Checks durations and rate. */
  public StagedSchedule {
    if (stepsPerEpoch < 1 || epochs < 1 || cooldownEpochs < 0) {
      throw new IllegalArgumentException(
          "not a duration: %d steps per epoch, %d epochs, %d cool-down epochs"
              .formatted(stepsPerEpoch, epochs, cooldownEpochs));
    }
    if (!(peak >= 0 && peak < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("not a learning rate: " + peak);
    }
  }

  @Override
  public double learningRate(long step) {
    return warmup.factor(step) * decay.rate(new Decay.At(peak, step, stepsPerEpoch, epochs));
  }

  @Override
  public long totalSteps() {
    return stepsPerEpoch * (epochs + cooldownEpochs);
  }
}
