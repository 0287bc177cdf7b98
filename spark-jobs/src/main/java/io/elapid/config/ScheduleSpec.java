package io.elapid.config;

import java.util.List;

/**
 * Learning rate over the run; epochs exclude the cool-down.
 *
 * @param steps length of the run where it is not counted in epochs, else 0
 * @param pace when the rate changes
 * @param cosineFrom where the cosine of type cosine begins
 * @param referenceBatch pictures per step that the rates are meant for; 0 for any
 * @param warmupSteps length of the warm-up where it is not counted in epochs
 * @param warmupReach which step of the warm-up has the full rate
 * @param milestones epochs, or steps, from which on the rate is multiplied once more by factor
 * @param power of type poly
 * @param decayEpoch epoch that the cosine of type flat-cosine begins at
 * @param decayStep the same where the run is counted in steps
 */
public record ScheduleSpec(
    Type type,
    Pace pace,
    CosineFrom cosineFrom,
    @Bounds("[1, 100000]") int epochs,
    @Bounds("[0, 1000000000]") int steps,
    @Bounds("(0, 100]") double learningRate,
    @Bounds("[0, inf)") int referenceBatch,
    @Bounds("[0, 100000]") int warmupEpochs,
    @Bounds("[0, inf)") int warmupSteps,
    WarmupReach warmupReach,
    @Bounds("[0, 100]") double warmupLearningRate,
    @Bounds("[0, 100]") double minLearningRate,
    @Bounds("[0, 100000]") int cooldownEpochs,
    @Bounds("[1, 1000000000]") List<Integer> milestones,
    @Bounds("(0, 1]") double factor,
    @Bounds("(0, 100]") double power,
    @Bounds("[0, 100000]") int decayEpoch,
    @Bounds("[0, 1000000000]") int decayStep) {
  public ScheduleSpec {
    milestones = List.copyOf(milestones);
  }

  /** Whether the length of the run, milestones and decayStep count steps. */
  public boolean inSteps() {
    return steps > 0;
  }

  /** Epochs that the run begins, the cool-down left out. */
  public int epochs(long stepsPerEpoch) {
    return inSteps() ? (int) ((steps + stepsPerEpoch - 1) / stepsPerEpoch) : epochs;
  }

  public enum Type {
    COSINE,
    FLAT_COSINE,
    STEP,
    POLY,
    LINEAR,
    CONSTANT;

    /** Whether the rate falls to a smallest one. */
    boolean hasFloor() {
      return this != STEP && this != CONSTANT;
    }
  }

  public enum Pace {
    STEP,
    EPOCH,
    EPOCH_LATE,
    EPOCH_THEN_STEP_LATE
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
