package io.elapid.config;

import java.util.List;

/** What must hold between the keys of a schedule. */
final class ScheduleRules {
  private static final String RATE = "schedule.learning-rate";
  private static final String STEPS = "schedule.steps";
  private static final String EPOCHS = "schedule.epochs";
  private static final String TYPE = "schedule.type";

  private ScheduleRules() {}

  static void check(ScheduleSpec schedule, RecipeRules rules) {
    rates(schedule, rules);
    warmup(schedule, rules);
    shape(schedule, rules);
    steps(schedule, rules);
  }

  private static void rates(ScheduleSpec schedule, RecipeRules rules) {
    rules.require(
        List.of("schedule.min-learning-rate", RATE),
        () -> !schedule.type().hasFloor() || schedule.minLearningRate() <= schedule.learningRate(),
        above(schedule.minLearningRate(), schedule));
    rules.require(
        List.of("schedule.warmup-learning-rate", RATE),
        () -> schedule.warmupLearningRate() <= schedule.learningRate(),
        above(schedule.warmupLearningRate(), schedule));
  }

  private static String above(double rate, ScheduleSpec schedule) {
    return rate + " is above schedule.learning-rate = " + schedule.learningRate();
  }

  private static void warmup(ScheduleSpec schedule, RecipeRules rules) {
    rules.require(
        List.of("schedule.warmup-epochs", EPOCHS),
        () -> schedule.inSteps() || schedule.warmupEpochs() < schedule.epochs(),
        "must be below schedule.epochs = " + schedule.epochs());
    rules.require(
        List.of("schedule.warmup-steps", "schedule.warmup-epochs"),
        () -> schedule.warmupSteps() == 0 || schedule.warmupEpochs() == 0,
        "the warm-up is counted in steps or in epochs: one of them must be 0");
    rules.require(
        List.of("schedule.warmup-steps", TYPE),
        () -> schedule.warmupSteps() == 0 || schedule.type() != ScheduleSpec.Type.COSINE,
        "the warm-up of type cosine is counted in epochs");
    rules.require(
        List.of("schedule.warmup-reach", TYPE),
        () ->
            schedule.warmupReach() == ScheduleSpec.WarmupReach.BEHIND
                || schedule.type() != ScheduleSpec.Type.COSINE,
        "type cosine reaches its peak behind the warm-up");
  }

  private static void shape(ScheduleSpec schedule, RecipeRules rules) {
    rules.require(
        List.of("schedule.pace", TYPE),
        () ->
            schedule.type() == ScheduleSpec.Type.COSINE
                || schedule.pace() == ScheduleSpec.Pace.STEP
                || schedule.pace() == ScheduleSpec.Pace.EPOCH,
        "only type cosine is ever late");
    rules.require(
        List.of("schedule.milestones", TYPE),
        () -> schedule.type() != ScheduleSpec.Type.STEP || !schedule.milestones().isEmpty(),
        "type step needs to know where it steps");
    String length = schedule.inSteps() ? STEPS : EPOCHS;
    int end = schedule.inSteps() ? schedule.steps() : schedule.epochs();
    rules.require(
        List.of("schedule.milestones", length),
        () -> rising(schedule.milestones(), end),
        "must rise and stay below %s = %d".formatted(length, end));
    rules.require(
        List.of("schedule.decay-epoch", EPOCHS),
        () -> schedule.inSteps() || schedule.decayEpoch() < schedule.epochs(),
        "must be below schedule.epochs = " + schedule.epochs());
  }

  private static void steps(ScheduleSpec schedule, RecipeRules rules) {
    rules.require(
        List.of(STEPS, TYPE),
        () -> !schedule.inSteps() || schedule.type() != ScheduleSpec.Type.COSINE,
        "type cosine is counted in epochs: set schedule.steps = 0");
    rules.require(
        List.of("schedule.pace", STEPS),
        () -> !schedule.inSteps() || schedule.pace() == ScheduleSpec.Pace.STEP,
        "must be step where the run is counted in schedule.steps");
    rules.require(
        List.of("schedule.warmup-epochs", STEPS),
        () -> !schedule.inSteps() || schedule.warmupEpochs() == 0,
        "must be 0 where the run is counted in schedule.steps: use schedule.warmup-steps");
    rules.require(
        List.of("schedule.cooldown-epochs", STEPS),
        () -> !schedule.inSteps() || schedule.cooldownEpochs() == 0,
        "must be 0 where the run is counted in schedule.steps");
    rules.require(
        List.of("schedule.decay-epoch", STEPS),
        () -> !schedule.inSteps() || schedule.decayEpoch() == 0,
        "must be 0 where the run is counted in schedule.steps: use schedule.decay-step");
    rules.require(
        List.of("schedule.decay-step", STEPS),
        () -> schedule.decayStep() == 0 || schedule.decayStep() < schedule.steps(),
        "must be below schedule.steps = " + schedule.steps());
  }

  private static boolean rising(List<Integer> milestones, int end) {
    int last = 0;
    for (int milestone : milestones) {
      if (milestone <= last || milestone >= end) {
        return false;
      }
      last = milestone;
    }
    return true;
  }
}
