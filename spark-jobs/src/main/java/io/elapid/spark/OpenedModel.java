package io.elapid.spark;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.TaskSpec;
import io.elapid.job.SavedModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a driver knows of a model once it has read its weights.
 *
 * @param given path as the user names it
 * @param modified when the model was written
 * @param source its qualified path
 * @param recipe resolved
 */
record OpenedModel(
    Path given,
    long modified,
    String source,
    ModelWeights.Variant variant,
    TaskSpec.Type task,
    String recipe) {

  static OpenedModel open(Configuration hadoop, Path given, ModelWeights.Variant variant)
      throws IOException {
    SavedModel model = SavedModel.open(hadoop, given, variant, Optional.empty(), List.of());
    return new OpenedModel(
        given,
        ModelWeights.modified(hadoop, given),
        model.source(),
        variant,
        model.recipe().task().type(),
        model.recipe().render());
  }

  /** Whether the same model is still there. */
  boolean isStill(Configuration hadoop, Path path, ModelWeights.Variant wanted) throws IOException {
    return path.equals(given)
        && wanted == variant
        && ModelWeights.modified(hadoop, path) == modified;
  }
}
