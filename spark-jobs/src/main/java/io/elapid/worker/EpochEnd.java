package io.elapid.worker;

import io.elapid.config.Recipe;
import java.util.Optional;

/**
 * What is due when an epoch ends: an evaluation, a checkpoint, the end of a run that stands still.
 */
final class EpochEnd {
  private final Recipe recipe;
  private final RankContext context;
  private final BestResult best;
  private final RankCheckpoints checkpoints;
  private final long totalSteps;
  private final Weights weights;

  /** The weights of the run. */
  interface Weights {
    /** Makes them the same everywhere; before anything else here is called. */
    void settle() throws Exception;

    SplitScore evaluate(long epoch) throws Exception;

    void save() throws Exception;
  }

  EpochEnd(
      Recipe recipe,
      RankContext context,
      BestResult best,
      RankCheckpoints checkpoints,
      long totalSteps,
      Weights weights) {
    this.recipe = recipe;
    this.context = context;
    this.best = best;
    this.checkpoints = checkpoints;
    this.totalSteps = totalSteps;
    this.weights = weights;
  }

  /** Whether the weights have to be settled when so many epochs and steps are done. */
  boolean settles(long epoch, long step) {
    return evaluates(epoch, step) || saves(epoch, step);
  }

  /**
   * Does what the checkpoint that a run goes on from was saved without: a run that is told to end
   * does not wait for its evaluation. Returns the result, if there was something to do.
   */
  Optional<SplitScore> resumed(long epoch, long step) throws Exception {
    return step > 0 && evaluates(epoch, step) && checkpoints.measures(step).isEmpty()
        ? reached(epoch, step)
        : Optional.empty();
  }

  /** Does what is due and returns the result of the evaluation, if there was one. */
  Optional<SplitScore> reached(long epoch, long step) throws Exception {
    if (settles(epoch, step)) {
      weights.settle();
    }
    Optional<SplitScore> score =
        evaluates(epoch, step) ? Optional.of(weights.evaluate(epoch)) : Optional.empty();
    score.ifPresent(all -> checkpoints.measured(step, all.measures()));
    boolean better = score.isPresent() && best.add(score.get());
    if (best.exhausted() && context.rank() == 0) {
      tellOfEarlyStop(epoch, step);
    }
    if (saves(epoch, step) || better || best.exhausted()) {
      weights.save();
    }
    return score;
  }

  private boolean evaluates(long epoch, long step) {
    return step == totalSteps || epoch % recipe.evaluation().everyEpochs() == 0;
  }

  private boolean saves(long epoch, long step) {
    return step == totalSteps
        || epoch % recipe.checkpoint().everyEpochs() == 0
        || checkpoints.dueAt(step);
  }

  private void tellOfEarlyStop(long epoch, long step) {
    RunEvents.send(
        "early_stop",
        "epoch",
        epoch,
        "step",
        step,
        "metric",
        best.metric(),
        "best",
        best.value(),
        "evaluations",
        recipe.evaluation().patience());
  }
}
