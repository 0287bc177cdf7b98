package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.config.ScheduleSpec;
import io.elapid.optim.CosineSchedule;
import io.elapid.optim.Decay;
import io.elapid.optim.LinearWarmup;
import io.elapid.optim.Schedule;
import io.elapid.optim.StagedSchedule;

/** Makes the schedule that a recipe asks for. */
final class LearningRate {
  private final ScheduleSpec recipe;
  private final double scale;

  private LearningRate(ScheduleSpec recipe, double scale) {
    this.recipe = recipe;
    this.scale = scale;
  }

  static Schedule of(Recipe recipe, long stepsPerEpoch) {
    int reference = recipe.schedule().referenceBatch();
    double scale = reference == 0 ? 1 : (double) recipe.batch().stepSize() / reference;
    return new LearningRate(recipe.schedule(), scale).schedule(stepsPerEpoch);
  }

  private Schedule schedule(long stepsPerEpoch) {
    return switch (recipe.type()) {
      case COSINE -> cosine(stepsPerEpoch);
      case FLAT_COSINE ->
          staged(stepsPerEpoch, new Decay.LateCosine(decayFrom(), minimum(), pace()));
      case STEP -> staged(stepsPerEpoch, new Decay.Steps(recipe.milestones(), recipe.factor()));
      case POLY -> staged(stepsPerEpoch, new Decay.Polynomial(recipe.power(), minimum(), pace()));
      case LINEAR -> staged(stepsPerEpoch, new Decay.Polynomial(1, minimum(), pace()));
      case CONSTANT -> staged(stepsPerEpoch, new Decay.Constant());
    };
  }

  private Schedule cosine(long stepsPerEpoch) {
    return new CosineSchedule(
        stepsPerEpoch,
        recipe.epochs(),
        recipe.cooldownEpochs(),
        scale * recipe.learningRate(),
        minimum(),
        recipe.warmupEpochs(),
        scale * recipe.warmupLearningRate(),
        switch (recipe.cosineFrom()) {
          case WARMUP_END -> CosineSchedule.Placement.AFTER_WARMUP;
          case START -> CosineSchedule.Placement.UNDER_WARMUP;
        },
        switch (recipe.pace()) {
          case STEP -> CosineSchedule.Pace.STEP;
          case EPOCH -> CosineSchedule.Pace.EPOCH;
          case EPOCH_LATE -> CosineSchedule.Pace.EPOCH_LATE;
          case EPOCH_THEN_STEP_LATE -> CosineSchedule.Pace.EPOCH_THEN_STEP_LATE;
        });
  }

  private Schedule staged(long stepsPerEpoch, Decay decay) {
    long steps =
        recipe.warmupSteps() > 0 ? recipe.warmupSteps() : recipe.warmupEpochs() * stepsPerEpoch;
    LinearWarmup warmup =
        new LinearWarmup(
            steps,
            recipe.warmupLearningRate() / recipe.learningRate(),
            switch (recipe.warmupReach()) {
              case BEHIND -> LinearWarmup.Reach.BEHIND;
              case LAST -> LinearWarmup.Reach.LAST;
            });
    // a run counted in steps is one of epochs of a single step
    return new StagedSchedule(
        recipe.inSteps() ? 1 : stepsPerEpoch,
        recipe.inSteps() ? recipe.steps() : recipe.epochs(),
        recipe.cooldownEpochs(),
        scale * recipe.learningRate(),
        warmup,
        decay);
  }

  private int decayFrom() {
    return recipe.inSteps() ? recipe.decayStep() : recipe.decayEpoch();
  }

  private double minimum() {
    return scale * recipe.minLearningRate();
  }

  private Decay.Pace pace() {
    return recipe.pace() == ScheduleSpec.Pace.STEP ? Decay.Pace.STEP : Decay.Pace.EPOCH;
  }
}
