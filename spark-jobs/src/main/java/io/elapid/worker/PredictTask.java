package io.elapid.worker;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.LocalFiles;
import io.elapid.data.image.Image;
import io.elapid.model.Pretrained;
import io.elapid.observe.Drawing;
import io.elapid.predict.Picture;
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
 * @param drawn how large pictures are drawn
 */
public record PredictTask(
    SerializableConfiguration hadoop,
    String weights,
    ModelWeights.Variant variant,
    String model,
    String recipe,
    int top,
    Drawn drawn)
    implements Serializable {

  private static final int MAX_BATCH = 32;
  private static final int LARGEST_SIDE = 4096;

  /** How large pictures with what was found come out. */
  public enum Drawn {
    /** As they are, up to 4,096 pixels. */
    AS_LARGE,
    /** Like those of {@link Drawing} for pages: small ones are enlarged. */
    FOR_PAGES;

    int side(Image picture) {
      return this == FOR_PAGES
          ? Drawing.PAGE_SIDE
          : Math.min(LARGEST_SIDE, Math.max(picture.width(), picture.height()));
    }
  }

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
      // A file of checksums beside a local one could not be named where that has a colon in its
      // name.
      try (FSDataInputStream in = LocalFiles.plain(conf, path).open(path)) {
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
  public List<PictureAnswer> run(Iterator<? extends Source> pictures) throws IOException {
    List<Picture> all = new ArrayList<>();
    pictures.forEachRemaining(source -> all.add(picture(source)));
    try {
      return all.isEmpty() ? List.of() : run(all);
    } catch (Throwable failure) {
      MemoryAdvice.ANSWERING.throwInstead(failure);
      throw failure;
    }
  }

  private List<PictureAnswer> run(List<Picture> all) throws IOException {
    Recipe settings = RecipeLoader.parse("the checkpoint's recipe", recipe, List.of());
    ModelWeights loaded =
        Pretrained.load(hadoop.value(), new Path(weights), variant, Optional.of(model));
    // A batch costs the same however few pictures are in it.
    int largest = Math.min(MAX_BATCH, settings.evaluation().batchSize());
    int capacity = Math.min(largest, all.size());
    Predictor.Settings working =
        new Predictor.Settings(top, capacity, settings.cluster().threadsPerRank());
    PictureAnswer[] answers = new PictureAnswer[all.size()];
    try (Predictor predictor = new Predictor(loaded, settings, working);
        Painter painter = new Painter(predictor.labels(), drawn)) {
      predictor.predict(
          all,
          (index, prediction) ->
              answers[index] =
                  painter.painted(PictureAnswer.of(prediction, top), all.get(index), prediction));
    }
    return List.of(answers);
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
