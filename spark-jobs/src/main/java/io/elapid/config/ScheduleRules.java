package io.elapid.config;

import java.util.List;

/** What must hold between the keys of a schedule. */
final class ScheduleRules {
  private static final String RATE = "schedule.learning-rate";
  private static final String EPOCHS = "schedule.epochs";
  private static final String TYPE = "schedule.type";

  private ScheduleRules() {}

  static void check(ScheduleSpec schedule, RecipeRules rules) {
    rates(schedule, rules);
    warmup(schedule, rules);
    shape(schedule, rules);
  }

  private static void rates(ScheduleSpec schedule, RecipeRules rules) {
    rules.require(
        List.of("schedule.min-learning-rate", RATE),
        () -> schedule.minLearningRate() <= schedule.learningRate(),
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
        () -> schedule.warmupEpochs() < schedule.epochs(),
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
        "type step needs the epochs of its steps");
    rules.require(
        List.of("schedule.milestones", EPOCHS),
        () -> rising(schedule.milestones(), schedule.epochs()),
        "must rise and stay below schedule.epochs = " + schedule.epochs());
    rules.require(
        List.of("schedule.decay-epoch", EPOCHS),
        () -> schedule.decayEpoch() < schedule.epochs(),
        "must be below schedule.epochs = " + schedule.epochs());
  }

  private static boolean rising(List<Integer> epochs, int end) {
    int last = 0;
    for (int epoch : epochs) {
      if (epoch <= last || epoch >= end) {
        return false;
      }
      last = epoch;
    }
    return true;
  }
}
