package io.elapid.worker;

import io.elapid.checkpoint.Checkpoint;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.collective.Collective;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.EvaluationShare;
import io.elapid.data.loader.ImageBatch;
import io.elapid.data.loader.ShardPlan;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Trainer;
import io.elapid.graph.Mode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The network of one rank with its data and its measure, all of one kind of batch.
 *
 * @param <B> batches
 */
final class RankNetwork<B extends ImageBatch> implements AutoCloseable {
  private final LearningTask<B> task;
  private final Recipe recipe;
  private final Trainer<B> trainer;
  private BatchLoader<B> loader;
  private Evaluator<B> evaluator;

  private RankNetwork(LearningTask<B> task, Recipe recipe) {
    this.task = task;
    this.recipe = recipe;
    this.trainer = new Trainer<>(task.trainer());
  }

  /** The one of a recipe's task, untrained. */
  static RankNetwork<?> open(Configuration hadoop, Recipe recipe, int classes) throws IOException {
    return of(LearningTask.of(hadoop, recipe, classes), recipe);
  }

  /** The one of a task, which it closes, also where it cannot be made. */
  static <B extends ImageBatch> RankNetwork<B> of(LearningTask<B> task, Recipe recipe) {
    try {
      return new RankNetwork<>(task, recipe);
    } catch (RuntimeException e) {
      // a teacher's memory that a device reaches is not collected as garbage
      task.close();
      throw e;
    }
  }

  Trainer<B> trainer() {
    return trainer;
  }

  /**
   * Goes on where a checkpoint was taken.
   *
   * @throws InputException if the recipe that it was taken with made other tensors
   */
  void restore(Checkpoint saved) {
    try {
      trainer.restore(saved.model(), saved.ema(), saved.state());
    } catch (InputException e) {
      throw new InputException(
          e.getMessage(),
          "go on with the recipe that began this run (%s has it), or choose another output folder"
              .formatted(saved.path()),
          e);
    }
  }

  /**
   * Opens the data of a rank from a global step on.
   *
   * @return steps of an epoch
   */
  long openData(ShardPlan plan, long step) throws IOException {
    loader = task.training(plan, step);
    return loader.stepsPerEpoch();
  }

  /** Network and data, to be kept equal over all ranks. */
  StepSync.Parts<B> parts(
      Collective collective,
      ShardPlan plan,
      PhaseClock clock,
      StepTrace trace,
      StepSamples samples) {
    return new StepSync.Parts<>(
        trainer, loader, collective, plan, recipe.sync().batchNorm(), clock, trace, samples);
  }

  /** To be called before the steps of an epoch, counted from 0. */
  void enter(long epoch, long stepsPerEpoch) {
    task.enter(epoch, stepsPerEpoch);
  }

  /**
   * Measures the weights that the recipe wants evaluated on a rank's share of the split.
   *
   * @param gate called before every batch; what it throws ends the evaluation
   */
  SplitScore evaluate(int rank, int ranks, Runnable gate) throws IOException, InterruptedException {
    Map<String, NamedTensor> weights =
        RankSetup.evaluated(trainer, recipe).stream()
            .collect(Collectors.toMap(NamedTensor::name, tensor -> tensor));
    if (evaluator == null) {
      evaluator = task.evaluator(Mode.EVAL, weights);
    } else {
      evaluator.load(weights);
    }
    EvaluationShare share = new EvaluationShare(rank, ranks, recipe.evaluation().batchSize());
    Path dataset = new Path(recipe.data().requirePath());
    String split = recipe.data().validationSplit();
    try (BatchLoader<B> batches = task.evaluation(dataset, split, share)) {
      return task.score(evaluator, batches, Optional.empty(), gate);
    }
  }

  /** Stops loading; the trainer's memory goes on being valid. */
  void closeData() {
    if (loader != null) {
      loader.close();
    }
  }

  @Override
  public void close() {
    closeData();
    if (evaluator != null) {
      evaluator.close();
    }
    task.close();
    trainer.close();
  }
}
