package io.elapid.spark;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.config.TaskSpec;
import io.elapid.model.Pretrained;
import io.elapid.predict.Predictor;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Where an executor finds the network.
 *
 * @param task what it does
 * @param recipe how pictures are brought to its input
 * @param weights null where they are read at the key's path
 */
record ModelSource(
    SerializableConfiguration hadoop,
    Key key,
    TaskSpec.Type task,
    String recipe,
    Broadcast<byte[]> weights)
    implements Serializable {
  private static final int SORTED = 8;

  /**
   * What tells networks in one process apart.
   *
   * @param modified when the model was written, so that another at its path is another
   * @param threads that it computes on; 0 for one per core of the executor
   */
  record Key(
      String path, long modified, ModelWeights.Variant variant, int top, int batch, int threads)
      implements Serializable {}

  /**
   * Rows that are answered together: a batch of those that are classified; of others several, since
   * they are sorted by size, which the network is compiled for.
   */
  int together() {
    return task == TaskSpec.Type.CLASSIFICATION
        ? key.batch()
        : (int) Math.min(Integer.MAX_VALUE, SORTED * (long) key.batch());
  }

  /** The same for pictures that come one by one: a batch costs the same however few are in it. */
  ModelSource forSingle() {
    Key single = new Key(key.path(), key.modified(), key.variant(), key.top(), 1, key.threads());
    return new ModelSource(hadoop, single, task, recipe, weights);
  }

  Predictor open() throws IOException {
    ModelWeights read =
        weights == null
            ? Pretrained.load(hadoop.value(), new Path(key.path()), key.variant(), Optional.empty())
            : ModelWeights.decoded(key.path(), weights.value());
    Recipe settings = RecipeLoader.parse("the model's recipe", recipe, List.of());
    int threads = key.threads() > 0 ? key.threads() : cores();
    return new Predictor(read, settings, new Predictor.Settings(key.top(), key.batch(), threads));
  }

  private static int cores() {
    int all = Runtime.getRuntime().availableProcessors();
    return Math.min(all, SparkEnv.get().conf().getInt("spark.executor.cores", all));
  }
}
