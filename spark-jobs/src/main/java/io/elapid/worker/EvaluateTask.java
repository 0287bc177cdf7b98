package io.elapid.worker;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.loader.BatchLoader;
import io.elapid.data.loader.EvaluationShare;
import io.elapid.data.loader.ImageBatch;
import io.elapid.data.shard.Manifest;
import io.elapid.engine.Evaluator;
import io.elapid.graph.Mode;
import io.elapid.model.Pretrained;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Evaluates saved weights on a share of a split; the batch norms are folded away.
 *
 * @param hadoop how to reach the file systems
 * @param weights a run, a checkpoint or a file
 * @param variant which of a checkpoint's weights
 * @param model the network they belong to
 * @param recipe the resolved recipe: input size, transforms, threads
 * @param dataset the prepared data set
 * @param split of the data set
 * @param shares into how many the split is cut
 * @param results folder for what is found in the forms that benchmarks take; null for none
 */
public record EvaluateTask(
    SerializableConfiguration hadoop,
    String weights,
    ModelWeights.Variant variant,
    String model,
    String recipe,
    String dataset,
    String split,
    int shares,
    String results)
    implements Serializable {

  /** Evaluates one share and returns the {@link SplitScore}, encoded. */
  public String run(int share) throws Exception {
    return MemoryAdvice.ANSWERING.guarding(() -> evaluated(share));
  }

  private String evaluated(int share) throws IOException, InterruptedException {
    Configuration conf = hadoop.value();
    Recipe settings = RecipeLoader.parse("the checkpoint's recipe", recipe, List.of());
    ModelWeights loaded = Pretrained.load(conf, new Path(weights), variant, Optional.of(model));
    try (LearningTask<?> task = LearningTask.answering(conf, settings, loaded)) {
      return evaluate(task, settings, loaded, share).encode();
    }
  }

  private <B extends ImageBatch> SplitScore evaluate(
      LearningTask<B> task, Recipe settings, ModelWeights loaded, int share)
      throws IOException, InterruptedException {
    EvaluationShare part = new EvaluationShare(share, shares, settings.evaluation().batchSize());
    try (Evaluator<B> evaluator = task.evaluator(Mode.DEPLOY, loaded.tensors());
        BatchLoader<B> batches = task.evaluation(new Path(dataset), split, part)) {
      return task.score(evaluator, batches, results(share), () -> {});
    }
  }

  private Optional<ShareResults> results(int share) throws IOException {
    if (results == null) {
      return Optional.empty();
    }
    Manifest manifest = Manifest.read(hadoop.value(), new Path(dataset));
    return Optional.of(new ShareResults(folder(), manifest.classes(), share));
  }

  private ShareResults.Folder folder() {
    return new ShareResults.Folder(hadoop.value(), new Path(results));
  }

  /** To be called once, when all shares are evaluated: makes the files of what they left. */
  public void publish() throws IOException {
    if (results != null) {
      Recipe settings = RecipeLoader.parse("the checkpoint's recipe", recipe, List.of());
      int classes = Manifest.read(hadoop.value(), new Path(dataset)).classes().size();
      DenseForm.of(settings, classes).publish(folder(), shares);
    }
  }
}
