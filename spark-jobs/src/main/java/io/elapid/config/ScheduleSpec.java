package io.elapid.config;

import java.util.List;

/**
 * Learning rate over the run; epochs exclude the cool-down.
 *
 * @param pace when the rate changes
 * @param unit what everything named after epochs is counted in
 * @param cosineFrom where the cosine of type cosine begins
 * @param referenceBatch pictures per step that the rates are meant for; 0 for any
 * @param warmupSteps length of the warm-up where it is not counted in epochs
 * @param warmupReach which step of the warm-up has the full rate
 * @param milestones epochs from which on the rate is multiplied once more by factor
 * @param power of type poly
 * @param decayEpoch epoch that the cosine of type flat-cosine begins at
 */
public record ScheduleSpec(
    Type type,
    Pace pace,
    Unit unit,
    CosineFrom cosineFrom,
    @Bounds("[1, 100000000]") int epochs,
    @Bounds("(0, 100]") double learningRate,
    @Bounds("[0, inf)") int referenceBatch,
    @Bounds("[0, 100000000]") int warmupEpochs,
    @Bounds("[0, inf)") int warmupSteps,
    WarmupReach warmupReach,
    @Bounds("[0, 100]") double warmupLearningRate,
    @Bounds("[0, 100]") double minLearningRate,
    @Bounds("[0, 100000000]") int cooldownEpochs,
    @Bounds("[1, 100000000]") List<Integer> milestones,
    @Bounds("(0, 1]") double factor,
    @Bounds("(0, 100]") double power,
    @Bounds("[0, 100000000]") int decayEpoch) {
  public ScheduleSpec {
    milestones = List.copyOf(milestones);
  }

  public enum Type {
    COSINE,
    FLAT_COSINE,
    STEP,
    POLY,
    LINEAR,
    CONSTANT
  }

  public enum Pace {
    STEP,
    EPOCH,
    EPOCH_LATE,
    EPOCH_THEN_STEP_LATE
  }

  /** What durations are counted in. */
  public enum Unit {
    EPOCH,
    STEP
  }

  public enum CosineFrom {
    WARMUP_END,
    START
  }

  public enum WarmupReach {
    BEHIND,
    LAST
  }
}
