package io.elapid.spark;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.TaskSpec;
import io.elapid.job.SavedModel;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * What a driver knows of a model once it has read its weights.
 *
 * <p>Executors read files by themselves, when they come to it. Of a run the checkpoint may be gone
 * by then, so they get its weights from the driver.
 *
 * @param given path as the user names it
 * @param modified when the model was written
 * @param source its qualified path
 * @param recipe resolved
 * @param application that it was opened in
 * @param weights for executors; null where these read them
 */
record OpenedModel(
    Path given,
    long modified,
    String source,
    ModelWeights.Variant variant,
    TaskSpec.Type task,
    String recipe,
    String application,
    Broadcast<byte[]> weights) {

  static OpenedModel open(
      SparkContext spark, Configuration hadoop, Path given, ModelWeights.Variant variant)
      throws Exception {
    return SavedModel.used(
        hadoop,
        () -> SavedModel.open(hadoop, given, variant, Optional.empty(), List.of()),
        model ->
            new OpenedModel(
                given,
                ModelWeights.modified(hadoop, given),
                model.source(),
                variant,
                model.recipe().task().type(),
                model.recipe().render(),
                spark.applicationId(),
                model.passes() ? shipped(spark, hadoop, model) : null));
  }

  private static Broadcast<byte[]> shipped(
      SparkContext spark, Configuration hadoop, SavedModel model) throws IOException {
    byte[] weights = ModelWeights.load(hadoop, new Path(model.source()), model.variant()).encoded();
    return JavaSparkContext.fromSparkContext(spark).broadcast(weights);
  }

  /** Whether the same model is still there. */
  boolean isStill(SparkContext spark, Configuration hadoop, Path path, ModelWeights.Variant wanted)
      throws IOException {
    return spark.applicationId().equals(application)
        && path.equals(given)
        && wanted == variant
        && ModelWeights.modified(hadoop, path) == modified;
  }
}
