package io.elapid.job;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.CheckpointStore;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.data.InputException;
import io.elapid.model.Pretrained;
import io.elapid.predict.StoredRecipe;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weights on disk with what is needed to use them.
 *
 * @param given fully qualified path by which they were found
 * @param source fully qualified path of a checkpoint, a file or an exported folder; of a run the
 *     checkpoint that was the newest, so that all who read it read the same
 * @param variant which of a checkpoint's weights
 * @param meta model, classes, input size, class names
 * @param recipe how pictures are brought to the network's input
 */
public record SavedModel(
    String given, String source, ModelWeights.Variant variant, CheckpointMeta meta, Recipe recipe) {
  private static final Logger LOG = LoggerFactory.getLogger(SavedModel.class);

  /** So often may the newest checkpoint of a run be deleted before it was used. */
  private static final int LOOKUPS = 5;

  /**
   * Something that reads weights.
   *
   * @param <T> what comes of it
   */
  @FunctionalInterface
  public interface Use<T> {
    T of(SavedModel model) throws Exception;
  }

  /**
   * Finds weights and uses them. A run that goes on deletes old checkpoints: where the one that was
   * its newest is gone before all has been read, all is done again with the one that is it then,
   * some times.
   *
   * @param finding finds the weights
   * @throws Exception of {@code finding} and {@code use}
   */
  public static <T> T used(Configuration hadoop, Callable<SavedModel> finding, Use<T> use)
      throws Exception {
    for (int lookup = 1; ; lookup++) {
      SavedModel model = finding.call();
      try {
        return use.of(model);
      } catch (Exception e) {
        if (lookup == LOOKUPS || !model.isGone(hadoop)) {
          throw e;
        }
        LOG.warn(
            "{} was deleted before it was read; beginning again with the newest checkpoint",
            model.source());
        LOG.debug("what came of it", e);
      }
    }
  }

  /** Whether it is of a run, which deletes it some time after it has written others. */
  public boolean passes() {
    return !source.equals(given);
  }

  private boolean isGone(Configuration hadoop) {
    Path checkpoint = new Path(source);
    try {
      return passes() && !checkpoint.getFileSystem(hadoop).exists(checkpoint);
    } catch (IOException e) {
      LOG.debug("not known whether {} is there", source, e);
      return false;
    }
  }

  /**
   * Finds weights.
   *
   * @param model the network they belong to; may be empty for weights that elapid wrote
   * @param overrides of the recipe that was stored with them, or else of the network's bundled one
   * @throws InputException when there are none, they are damaged, or they are another network's
   */
  public static SavedModel open(
      Configuration hadoop,
      Path path,
      ModelWeights.Variant variant,
      Optional<String> model,
      List<String> overrides)
      throws IOException {
    Path qualified = path.getFileSystem(hadoop).makeQualified(path);
    ModelWeights weights = Pretrained.load(hadoop, qualified, variant, model);
    CheckpointMeta meta = measured(weights);
    Recipe recipe = StoredRecipe.of(meta, weights.source(), overrides);
    return new SavedModel(qualified.toString(), source(qualified, weights), variant, meta, recipe);
  }

  private static String source(Path given, ModelWeights weights) {
    Path file = new Path(weights.source());
    boolean named = file.equals(given) || !CheckpointStore.isCheckpoint(file.getParent());
    return named ? given.toString() : file.getParent().toString();
  }

  /**
   * What is known of weights that say what they are; results of a run belong to those of its
   * weights that it evaluates, and all files of a checkpoint carry them.
   */
  public static CheckpointMeta measured(ModelWeights weights) {
    CheckpointMeta meta = weights.meta().orElseThrow();
    Optional<ModelWeights.Variant> variant = weights.ofCheckpoint();
    if (variant.isEmpty()) {
      return meta;
    }
    Recipe stored = StoredRecipe.of(meta, weights.source(), List.of());
    return stored.evaluation().weights().variant() == variant.get()
        ? meta
        : meta.withMetrics(Map.of());
  }

  void requireClasses(int classes, Path dataset) {
    if (meta.classes() != classes) {
      throw new InputException(
          "%s has %d classes, but the weights in %s tell %d apart"
              .formatted(dataset, classes, source, meta.classes()),
          "evaluate on the data set that the weights were trained for");
    }
  }
}
