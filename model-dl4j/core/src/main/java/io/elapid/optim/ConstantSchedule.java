package io.elapid.optim;

/** The same learning rate throughout. */
public record ConstantSchedule(double learningRate, long totalSteps) implements Schedule {
  public ConstantSchedule {
    if (!(learningRate >= 0) || totalSteps < 0) {
      throw new IllegalArgumentException(
          "not a schedule: rate %s over %d steps".formatted(learningRate, totalSteps));
    }
  }

  @Override
  public double learningRate(long step) {
    return learningRate;
  }
}
