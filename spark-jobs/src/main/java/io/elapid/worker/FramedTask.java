package io.elapid.worker;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.PictureLoading;
import io.elapid.config.Recipe;
import io.elapid.config.TransformSpec;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.EvaluationShare;
import io.elapid.data.loader.FrameSizes;
import io.elapid.data.loader.FramedLoader;
import io.elapid.data.loader.ImageBatch;
import io.elapid.data.loader.ShardPlan;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.Mode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Finding something within pictures that keep sizes of their own.
 *
 * @param <B> batches
 * @param <F> what is found in one picture
 */
record FramedTask<B extends ImageBatch, F>(
    Configuration hadoop, Recipe recipe, int classes, DenseForm<B, F> form)
    implements LearningTask<B> {

  /** The task of a recipe that does not classify whole pictures. */
  static FramedTask<?, ?> of(Configuration hadoop, Recipe recipe, int classes) {
    return of(hadoop, recipe, classes, DenseForm.of(recipe, classes));
  }

  private static <B extends ImageBatch, F> FramedTask<B, F> of(
      Configuration hadoop, Recipe recipe, int classes, DenseForm<B, F> form) {
    return new FramedTask<>(hadoop, recipe, classes, form);
  }

  @Override
  public TrainerSettings<B> trainer() {
    return TrainingSetup.trainer(recipe, form.network());
  }

  /** The frames of the batches that are learnt from. */
  FrameSizes trainingFrames() throws IOException {
    return loader(recipe.data().trainTransforms())
        .trainingFrames(
            RankSetup.reading(hadoop, recipe.data()),
            new Path(recipe.data().requirePath()),
            recipe.data().trainSplit(),
            recipe.batch().samplesPerShard());
  }

  /** The frames of the batches that a split is evaluated in. */
  FrameSizes evaluationFrames(Path dataset, String split) throws IOException {
    return loader(recipe.data().evalTransforms())
        .evaluationFrames(
            RankSetup.reading(hadoop, recipe.data()),
            dataset,
            split,
            recipe.evaluation().batchSize());
  }

  @Override
  public BatchLoader<B> training(ShardPlan plan, long startStep) throws IOException {
    return loader(recipe.data().trainTransforms())
        .training(
            RankSetup.reading(hadoop, recipe.data()),
            new Path(recipe.data().requirePath()),
            recipe.data().trainSplit(),
            plan,
            startStep);
  }

  @Override
  public BatchLoader<B> evaluation(Path dataset, String split, EvaluationShare share)
      throws IOException {
    return loader(recipe.data().evalTransforms())
        .evaluation(RankSetup.reading(hadoop, recipe.data()), dataset, split, share);
  }

  private FramedLoader<B> loader(List<TransformSpec> transforms) {
    return form.loader(PictureLoading.framed(recipe, classes, transforms));
  }

  @Override
  public Evaluator<B> evaluator(Mode mode, Map<String, NamedTensor> weights) {
    return new Evaluator<>(
        form.network(),
        Frame.square(recipe.evaluation().batchSize(), recipe.model().imageSize()),
        mode,
        weights,
        new Evaluator.Limits(recipe.cluster().threadsPerRank(), recipe.task().frames()));
  }

  @Override
  public SplitScore score(
      Evaluator<B> evaluator, BatchLoader<B> share, Optional<ShareResults> results, Runnable gate)
      throws IOException, InterruptedException {
    DenseForm.Judge<B, F> judge = form.judge(results);
    for (B batch = share.next(); batch != null; batch = share.next()) {
      gate.run();
      List<F> found = form.found(batch, evaluator.answers(batch));
      for (int row = 0; row < batch.size(); row++) {
        judge.add(batch, row, found.get(row));
      }
      share.recycle(batch);
    }
    return judge.finish();
  }
}
