package io.elapid.worker;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.data.image.LabelMap;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.EvaluationShare;
import io.elapid.data.loader.SegmentationBatch;
import io.elapid.data.loader.SegmentationLoader;
import io.elapid.data.loader.ShardPlan;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.Mode;
import io.elapid.task.evaluation.SegmentationMetrics;
import io.elapid.task.segmentation.SemanticFpn;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Telling classes of pixels apart. */
record SegmentationTask(Configuration hadoop, Recipe recipe, int classes)
    implements LearningTask<SegmentationBatch> {

  @Override
  public TrainerSettings<SegmentationBatch> trainer() {
    return TrainingSetup.trainer(recipe, TrainingSetup.segmenter(recipe, classes));
  }

  @Override
  public BatchLoader<SegmentationBatch> training(ShardPlan plan, long startStep)
      throws IOException {
    return SegmentationLoader.training(
        RankSetup.reading(hadoop, recipe.data()),
        new Path(recipe.data().requirePath()),
        recipe.data().trainSplit(),
        RankSetup.segmentation(recipe, classes, recipe.data().trainTransforms()),
        plan,
        startStep);
  }

  @Override
  public BatchLoader<SegmentationBatch> evaluation(
      Path dataset, String split, EvaluationShare share) throws IOException {
    return SegmentationLoader.evaluation(
        RankSetup.reading(hadoop, recipe.data()),
        dataset,
        split,
        RankSetup.segmentation(recipe, classes, recipe.data().evalTransforms()),
        share);
  }

  @Override
  public Evaluator<SegmentationBatch> evaluator(Mode mode, Map<String, NamedTensor> weights) {
    return new Evaluator<>(
        TrainingSetup.segmenter(recipe, classes),
        Frame.square(recipe.evaluation().batchSize(), recipe.model().imageSize()),
        mode,
        weights,
        recipe.cluster().threadsPerRank());
  }

  @Override
  public SplitScore score(
      Evaluator<SegmentationBatch> evaluator, BatchLoader<SegmentationBatch> share)
      throws InterruptedException {
    SemanticFpn network = TrainingSetup.segmenter(recipe, classes);
    SegmentationMetrics metrics = new SegmentationMetrics(classes);
    for (SegmentationBatch batch = share.next(); batch != null; batch = share.next()) {
      List<byte[]> found = network.labels(batch, evaluator.answers(batch));
      for (int row = 0; row < batch.size(); row++) {
        LabelMap truth = batch.samples().get(row).stored();
        metrics.add(truth, new LabelMap(truth.width(), truth.height(), found.get(row)));
      }
      share.recycle(batch);
    }
    return new SegmentationScore(metrics, RankSetup.absent(recipe));
  }
}
