package io.elapid.worker;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.BatchLoader;
import io.elapid.engine.Classifier;
import io.elapid.engine.Evaluator;
import io.elapid.engine.Frame;
import io.elapid.graph.Mode;
import io.elapid.model.Pretrained;
import java.io.IOException;
import java.io.Serializable;
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
 */
public record EvaluateTask(
    SerializableConfiguration hadoop,
    String weights,
    ModelWeights.Variant variant,
    String model,
    String recipe,
    String dataset,
    String split,
    int shares)
    implements Serializable {

  /** Evaluates one share and returns the {@link SplitScore}, encoded. */
  public String run(int share) throws IOException, InterruptedException {
    Configuration conf = hadoop.value();
    Recipe settings = RecipeLoader.parse("the checkpoint's recipe", recipe, java.util.List.of());
    ModelWeights loaded = Pretrained.load(conf, new Path(weights), variant, Optional.of(model));
    CheckpointMeta meta = loaded.meta().orElseThrow();
    int batch = settings.evaluation().batchSize();
    try (Evaluator<Batch> evaluator =
            new Evaluator<>(
                new Classifier(Pretrained.network(loaded), meta.classes()),
                Frame.square(batch, settings.model().imageSize()),
                Mode.DEPLOY,
                loaded.tensors(),
                settings.cluster().threadsPerRank());
        BatchLoader<Batch> loader =
            BatchLoader.evaluation(
                RankSetup.reading(conf, settings.data()),
                new Path(dataset),
                split,
                RankSetup.evalLoader(settings, meta.classes()),
                share,
                shares,
                batch)) {
      return SplitEvaluation.run(evaluator, loader, meta.classes()).encode();
    }
  }
}
