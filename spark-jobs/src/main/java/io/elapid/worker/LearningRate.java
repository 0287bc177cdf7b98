package io.elapid.worker;

import io.elapid.config.Recipe;
import io.elapid.optim.ConstantSchedule;
import io.elapid.optim.CosineSchedule;
import io.elapid.optim.Schedule;

/** Makes the schedule that a recipe asks for. */
final class LearningRate {

  private LearningRate() {}

  static Schedule of(Recipe.Schedule recipe, long stepsPerEpoch) {
    return switch (recipe.type()) {
      case COSINE ->
          new CosineSchedule(
              stepsPerEpoch,
              recipe.epochs(),
              recipe.cooldownEpochs(),
              recipe.learningRate(),
              recipe.minLearningRate(),
              recipe.warmupEpochs(),
              recipe.warmupLearningRate(),
              CosineSchedule.Placement.AFTER_WARMUP,
              CosineSchedule.Pace.STEP);
      case CONSTANT ->
          new ConstantSchedule(
              recipe.learningRate(), stepsPerEpoch * (recipe.epochs() + recipe.cooldownEpochs()));
    };
  }
}
