package io.elapid.worker;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.model.Pretrained;
import io.elapid.predict.Picture;
import io.elapid.predict.Prediction;
import io.elapid.predict.Predictor;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Asks saved weights about single pictures; the batch norms are folded away.
 *
 * @param hadoop how to reach the file systems
 * @param weights a run, a checkpoint or a file
 * @param variant which of a checkpoint's weights
 * @param model the network they belong to
 * @param recipe the resolved recipe: input size, transforms, threads
 * @param top how many candidates each picture gets
 */
public record PredictTask(
    SerializableConfiguration hadoop,
    String weights,
    ModelWeights.Variant variant,
    String model,
    String recipe,
    int top)
    implements Serializable {

  private static final int MAX_BATCH = 32;

  /** A picture, wherever it is. */
  public sealed interface Source extends Serializable {
    String name();

    byte[] read(Configuration conf) throws IOException;
  }

  /** A picture file, any Hadoop path. */
  public record FileSource(String name) implements Source {
    @Override
    public byte[] read(Configuration conf) throws IOException {
      Path path = new Path(name);
      try (FSDataInputStream in = path.getFileSystem(conf).open(path)) {
        return in.readAllBytes();
      }
    }
  }

  /** A picture at hand. */
  public record BytesSource(String name, byte[] bytes) implements Source {
    @Override
    public byte[] read(Configuration conf) {
      return bytes;
    }
  }

  /**
   * Answers for pictures in order; one that cannot be read gets the reason instead of candidates.
   */
  public List<Prediction> run(Iterator<? extends Source> pictures) throws IOException {
    List<Source> all = new ArrayList<>();
    pictures.forEachRemaining(all::add);
    return all.isEmpty() ? List.of() : run(all);
  }

  private List<Prediction> run(List<Source> all) throws IOException {
    Recipe settings = RecipeLoader.parse("the checkpoint's recipe", recipe, List.of());
    ModelWeights loaded =
        Pretrained.load(hadoop.value(), new Path(weights), variant, Optional.of(model));
    return switch (settings.task().type()) {
      case CLASSIFICATION -> classified(all, settings, loaded);
      case SEMANTIC_SEGMENTATION ->
          oneByOne(all, new PixelPredictor(hadoop.value(), settings, loaded, top));
      case OBJECT_DETECTION ->
          oneByOne(all, new ObjectPredictor(hadoop.value(), settings, loaded, top));
    };
  }

  private List<Prediction> oneByOne(List<Source> all, PicturePredictor opened) {
    List<Prediction> predictions = new ArrayList<>();
    try (PicturePredictor predictor = opened) {
      for (Source picture : all) {
        try {
          predictions.add(predictor.predict(picture.name(), picture.read(hadoop.value())));
        } catch (IOException e) {
          predictions.add(unreadable(picture, e));
        }
      }
    }
    return predictions;
  }

  private static Prediction unreadable(Source picture, Exception cause) {
    return new Prediction(picture.name(), List.of(), cause.getMessage());
  }

  private List<Prediction> classified(List<Source> all, Recipe settings, ModelWeights loaded) {
    // A batch costs the same however few pictures are in it.
    int capacity = Math.min(MAX_BATCH, all.size());
    Predictor.Settings working =
        new Predictor.Settings(top, capacity, settings.cluster().threadsPerRank());
    try (Predictor predictor = new Predictor(loaded, settings, working)) {
      return predictor.predict(all.stream().map(this::picture).toList());
    }
  }

  private Picture picture(Source source) {
    return new Picture() {
      @Override
      public String name() {
        return source.name();
      }

      @Override
      public byte[] read() throws IOException {
        return source.read(hadoop.value());
      }
    };
  }
}
