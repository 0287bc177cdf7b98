package io.elapid.worker;

import io.elapid.checkpoint.NamedTensor;
import io.elapid.config.PictureLoading;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeNetworks;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.EvaluationShare;
import io.elapid.data.loader.ShardPlan;
import io.elapid.engine.Classifier;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.engine.TrainerSettings;
import io.elapid.graph.ImageClassifier;
import io.elapid.graph.Mode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Telling classes of whole pictures apart, from labels and from what teaches beside them. */
final class ClassificationTask implements LearningTask<Batch> {
  private final Configuration hadoop;
  private final Recipe recipe;
  private final int classes;
  private final ImageClassifier model;
  private final Classifier network;
  private final Optional<Evaluator<Batch>> teacher;

  private ClassificationTask(
      Configuration hadoop,
      Recipe recipe,
      int classes,
      ImageClassifier model,
      Classifier network,
      Optional<Evaluator<Batch>> teacher) {
    this.hadoop = hadoop;
    this.recipe = recipe;
    this.classes = classes;
    this.model = model;
    this.network = network;
    this.teacher = teacher;
  }

  static ClassificationTask open(Configuration hadoop, Recipe recipe, int classes)
      throws IOException {
    Classifier network = TrainingSetup.classifier(recipe, classes);
    Optional<Evaluator<Batch>> teacher = TeacherWeights.open(hadoop, recipe, classes);
    teacher.ifPresent(
        asked -> network.teacher(batch -> asked.answers(batch).floats(Classifier.LOGITS)));
    ImageClassifier model = RecipeNetworks.published(recipe.model());
    return new ClassificationTask(hadoop, recipe, classes, model, network, teacher);
  }

  /** One that evaluates a network as it was saved. */
  static ClassificationTask answering(
      Configuration hadoop, Recipe recipe, int classes, ImageClassifier model) {
    Classifier network = new Classifier(model, classes);
    return new ClassificationTask(hadoop, recipe, classes, model, network, Optional.empty());
  }

  @Override
  public TrainerSettings<Batch> trainer() {
    return TrainingSetup.trainer(recipe, network);
  }

  @Override
  public BatchLoader<Batch> training(ShardPlan plan, long startStep) throws IOException {
    return BatchLoader.training(
        RankSetup.reading(hadoop, recipe.data()),
        new Path(recipe.data().requirePath()),
        recipe.data().trainSplit(),
        PictureLoading.training(recipe, classes),
        plan,
        startStep);
  }

  @Override
  public BatchLoader<Batch> evaluation(Path dataset, String split, EvaluationShare share)
      throws IOException {
    return BatchLoader.evaluation(
        RankSetup.reading(hadoop, recipe.data()),
        dataset,
        split,
        PictureLoading.evaluation(recipe, classes),
        share.rank(),
        share.ranks(),
        share.batchSize());
  }

  @Override
  public Evaluator<Batch> evaluator(Mode mode, Map<String, NamedTensor> weights) {
    return new Evaluator<>(
        new Classifier(model, classes),
        Frame.square(recipe.evaluation().batchSize(), recipe.model().imageSize()),
        mode,
        weights,
        recipe.cluster().threadsPerRank());
  }

  @Override
  public SplitScore score(
      Evaluator<Batch> evaluator,
      BatchLoader<Batch> share,
      Optional<ShareResults> results,
      Runnable gate)
      throws InterruptedException {
    return SplitEvaluation.run(evaluator, share, classes, gate);
  }

  @Override
  public void enter(long epoch, long stepsPerEpoch) {
    network.lessonWeight(recipe.mesa().ratioIn(epoch, recipe.schedule().epochs(stepsPerEpoch)));
  }

  @Override
  public void close() {
    teacher.ifPresent(Evaluator::close);
  }
}
