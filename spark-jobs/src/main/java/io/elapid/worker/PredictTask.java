package io.elapid.worker;

import io.elapid.checkpoint.CheckpointMeta;
import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.loader.Batch;
import io.elapid.data.loader.PictureBatch;
import io.elapid.engine.Evaluator;
import io.elapid.graph.Mode;
import io.elapid.model.Models;
import java.io.IOException;
import java.io.Serializable;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Classifies pictures with saved weights.
 *
 * @param hadoop how to reach the file systems
 * @param weights a run, a checkpoint or a file
 * @param variant which of a checkpoint's weights
 * @param recipe the resolved recipe: input size, transforms, threads
 * @param top how many candidates each picture gets
 */
public record PredictTask(
    SerializableConfiguration hadoop,
    String weights,
    ModelWeights.Variant variant,
    String recipe,
    int top)
    implements Serializable {

  private static final int MAX_BATCH = 32;

  /**
   * Classifies the pictures at {@code paths}, any Hadoop path each; one that cannot be read gets
   * the reason instead.
   */
  public List<Prediction> run(Iterator<String> paths) throws IOException {
    List<Prediction> predictions = new ArrayList<>();
    if (!paths.hasNext()) {
      return predictions;
    }
    Configuration conf = hadoop.value();
    Recipe settings = RecipeLoader.parse("the checkpoint's recipe", recipe, List.of());
    ModelWeights loaded = ModelWeights.load(conf, new Path(weights), variant);
    CheckpointMeta meta = loaded.meta().orElseThrow();
    try (Evaluator evaluator =
        new Evaluator(
            Models.byName(meta.model()),
            meta.classes(),
            settings.model().imageSize(),
            MAX_BATCH,
            Mode.DEPLOY,
            loaded.tensors(),
            settings.cluster().threadsPerRank())) {
      PictureBatch pictures =
          new PictureBatch(RankSetup.evalLoader(settings, meta.classes()), MAX_BATCH);
      while (paths.hasNext()) {
        List<String> read = new ArrayList<>();
        while (paths.hasNext() && read.size() < MAX_BATCH) {
          String path = paths.next();
          try {
            pictures.add(path, bytes(conf, new Path(path)));
            read.add(path);
          } catch (UnreadableImageException | IOException e) {
            predictions.add(new Prediction(path, List.of(), e.getMessage()));
          }
        }
        Batch batch = pictures.take();
        FloatBuffer logits = evaluator.logits(batch);
        for (int row = 0; row < batch.size(); row++) {
          predictions.add(
              Prediction.of(read.get(row), logits, row, meta.classes(), meta.classLabels(), top));
        }
      }
    }
    return predictions;
  }

  private static byte[] bytes(Configuration conf, Path path) throws IOException {
    try (FSDataInputStream in = path.getFileSystem(conf).open(path)) {
      return in.readAllBytes();
    }
  }
}
