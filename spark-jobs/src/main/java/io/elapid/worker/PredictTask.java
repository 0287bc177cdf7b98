package io.elapid.worker;

import io.elapid.checkpoint.ModelWeights;
import io.elapid.config.Recipe;
import io.elapid.config.RecipeLoader;
import io.elapid.data.image.Image;
import io.elapid.data.image.ImageCodec;
import io.elapid.data.image.ImageInfo;
import io.elapid.data.image.Size;
import io.elapid.data.image.UnreadableImageException;
import io.elapid.model.Pretrained;
import io.elapid.observe.Drawing;
import io.elapid.predict.Picture;
import io.elapid.predict.Prediction;
import io.elapid.predict.Predictor;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
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
      case SEMANTIC_SEGMENTATION, OBJECT_DETECTION, INSTANCE_SEGMENTATION ->
          within(all, settings, loaded);
    };
  }

  /** A picture with its number among all. */
  private record Numbered(int number, Source source, Size size) {}

  /** Pictures of one frame come one after the other, so that the network is compiled once each. */
  private List<Prediction> within(List<Source> all, Recipe settings, ModelWeights loaded) {
    Prediction[] answers = new Prediction[all.size()];
    List<Numbered> readable = new ArrayList<>();
    for (int i = 0; i < answers.length; i++) {
      Source source = all.get(i);
      try {
        ImageInfo info = ImageCodec.inspect(source.read(hadoop.value()));
        readable.add(new Numbered(i, source, info.upright()));
      } catch (IOException | UnreadableImageException e) {
        answers[i] = unreadable(source, e);
      }
    }
    if (!readable.isEmpty()) {
      answer(readable, settings, loaded, answers);
    }
    return List.of(answers);
  }

  private void answer(
      List<Numbered> pictures, Recipe settings, ModelWeights loaded, Prediction[] answers) {
    Map<Size, Long> sizes =
        pictures.stream().collect(Collectors.groupingBy(Numbered::size, Collectors.counting()));
    DensePredictor.Wanted wanted = new DensePredictor.Wanted(top, drawn);
    try (DensePredictor<?, ?> predictor =
        DensePredictor.open(hadoop.value(), settings, loaded, sizes, wanted)) {
      pictures.sort(Comparator.comparing(picture -> predictor.frame(picture.size()).toString()));
      for (Numbered picture : pictures) {
        Source source = picture.source();
        try {
          answers[picture.number()] = predictor.predict(source.name(), source.read(hadoop.value()));
        } catch (IOException e) {
          answers[picture.number()] = unreadable(source, e);
        }
      }
    }
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
