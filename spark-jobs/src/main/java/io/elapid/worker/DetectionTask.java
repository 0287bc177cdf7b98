package io.elapid.worker;

import io.elapid.box.Detections;
import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.Recipe;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.DetectionBatch;
import io.elapid.data.loader.DetectionLoader;
import io.elapid.data.loader.EvaluationShare;
import io.elapid.data.loader.ShardPlan;
import io.elapid.data.target.Box;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.Mode;
import io.elapid.task.detection.RetinaNet;
import io.elapid.task.evaluation.ClassGrouping;
import io.elapid.task.evaluation.CocoEvaluator;
import io.elapid.task.evaluation.Detection;
import io.elapid.task.evaluation.IouType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Finding objects. */
record DetectionTask(Configuration hadoop, Recipe recipe, int classes)
    implements LearningTask<DetectionBatch> {

  @Override
  public TrainerSettings<DetectionBatch> trainer() {
    return TrainingSetup.trainer(recipe, TrainingSetup.detector(recipe, classes));
  }

  @Override
  public BatchLoader<DetectionBatch> training(ShardPlan plan, long startStep) throws IOException {
    return DetectionLoader.training(
        RankSetup.reading(hadoop, recipe.data()),
        new Path(recipe.data().requirePath()),
        recipe.data().trainSplit(),
        RankSetup.detection(recipe, classes, recipe.data().trainTransforms()),
        plan,
        startStep);
  }

  @Override
  public BatchLoader<DetectionBatch> evaluation(Path dataset, String split, EvaluationShare share)
      throws IOException {
    return DetectionLoader.evaluation(
        RankSetup.reading(hadoop, recipe.data()),
        dataset,
        split,
        RankSetup.detection(recipe, classes, recipe.data().evalTransforms()),
        share);
  }

  @Override
  public Evaluator<DetectionBatch> evaluator(Mode mode, Map<String, NamedTensor> weights) {
    return new Evaluator<>(
        TrainingSetup.detector(recipe, classes),
        Frame.square(recipe.evaluation().batchSize(), recipe.model().imageSize()),
        mode,
        weights,
        recipe.cluster().threadsPerRank());
  }

  @Override
  public SplitScore score(Evaluator<DetectionBatch> evaluator, BatchLoader<DetectionBatch> share)
      throws InterruptedException {
    RetinaNet network = TrainingSetup.detector(recipe, classes);
    CocoEvaluator all = new CocoEvaluator(IouType.BBOX, ClassGrouping.BY_CLASS, classes);
    for (DetectionBatch batch = share.next(); batch != null; batch = share.next()) {
      List<Detections> found = network.detections(batch, evaluator.answers(batch));
      for (int row = 0; row < batch.size(); row++) {
        DetectionBatch.DetectionSample sample = batch.samples().get(row);
        all.add(sample.stored(), sample.geometry().original(), objects(found.get(row)));
      }
      share.recycle(batch);
    }
    return DetectionScore.of(all, RankSetup.limits(recipe));
  }

  /** What was found in one picture, the surest first. */
  static List<Detection> objects(Detections found) {
    List<Detection> objects = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      Box box =
          new Box(
              found.boxes().left(i),
              found.boxes().top(i),
              found.boxes().right(i),
              found.boxes().bottom(i));
      objects.add(Detection.of(found.labels()[i], found.scores()[i], box));
    }
    return objects;
  }
}
