package io.elapid.worker;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.EvaluationShare;
import io.elapid.data.loader.ImageBatch;
import io.elapid.data.loader.ShardPlan;
import io.elapid.engine.Evaluator;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.Mode;
import io.elapid.model.Pretrained;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a run learns, as one rank needs it: how its data becomes batches, what network learns from
 * them, and how well it does.
 *
 * <p>Owns whatever else the network learns from until {@link #close}.
 *
 * @param <B> batches
 */
interface LearningTask<B extends ImageBatch> extends AutoCloseable {

  /** What is trained and how. */
  TrainerSettings<B> trainer();

  /** This rank's batches, from a global step on. */
  BatchLoader<B> training(ShardPlan plan, long startStep) throws IOException;

  /** A share of a split that is evaluated. */
  BatchLoader<B> evaluation(Path dataset, String split, EvaluationShare share) throws IOException;

  /**
   * The network in a form that answers, with those weights.
   *
   * @param mode EVAL or DEPLOY
   */
  Evaluator<B> evaluator(Mode mode, Map<String, NamedTensor> weights);

  /**
   * Measures the answers to all batches of a share.
   *
   * @param results where to leave the answers as well, if the task has a form for them
   * @param gate called before every batch; what it throws ends the measuring
   */
  SplitScore score(
      Evaluator<B> evaluator, BatchLoader<B> share, Optional<ShareResults> results, Runnable gate)
      throws IOException, InterruptedException;

  /** To be called before the steps of an epoch, counted from 0. */
  default void enter(long epoch, long stepsPerEpoch) {}

  @Override
  default void close() {}

  /** The task of a recipe. */
  static LearningTask<?> of(Configuration hadoop, Recipe recipe, int classes) throws IOException {
    return switch (recipe.task().type()) {
      case CLASSIFICATION -> ClassificationTask.open(hadoop, recipe, classes);
      case SEMANTIC_SEGMENTATION, OBJECT_DETECTION, INSTANCE_SEGMENTATION ->
          FramedTask.of(hadoop, recipe, classes);
    };
  }

  /** The task of saved weights, of which the form that learns is not needed. */
  static LearningTask<?> answering(Configuration hadoop, Recipe recipe, ModelWeights weights) {
    int classes = weights.meta().orElseThrow().classes();
    return switch (recipe.task().type()) {
      case CLASSIFICATION ->
          ClassificationTask.answering(hadoop, recipe, classes, Pretrained.network(weights));
      case SEMANTIC_SEGMENTATION, OBJECT_DETECTION, INSTANCE_SEGMENTATION ->
          FramedTask.of(hadoop, recipe, classes);
    };
  }
}
